import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { toEc2Instance } from "./instance.js";
import { whyNotReady } from "./ready.js";

const never = new AbortController().signal;

function instance(addresses: { publicIp?: string; privateIp?: string }) {
  const { publicIp: PublicIpAddress, privateIp: PrivateIpAddress } = addresses;
  return toEc2Instance({
    InstanceId: "i-1",
    ...(PublicIpAddress !== undefined && { PublicIpAddress }),
    ...(PrivateIpAddress !== undefined && { PrivateIpAddress }),
  });
}

async function openPort(): Promise<number> {
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

test("nothing is asked of an instance if nothing was said", async () => {
  expect(await whyNotReady(instance({}), undefined, never)).toBeUndefined();
});

test("a port that accepts connections is ready; one that refuses them is not, and says so", async () => {
  const here = instance({ publicIp: "127.0.0.1" });
  expect(await whyNotReady(here, { port: await openPort() }, never)).toBeUndefined();
  const closed = await closedPort();
  expect(await whyNotReady(here, { port: closed }, never)).toMatch(`port ${closed} of 127.0.0.1 does not answer: `);
});

test("the address is the public one, else the private one, or what was said", async () => {
  const [port, closed] = [await openPort(), await closedPort()];
  expect(await whyNotReady(instance({ privateIp: "127.0.0.1" }), { port }, never)).toBeUndefined();
  const both = instance({ publicIp: "127.0.0.2", privateIp: "127.0.0.1" });
  expect(await whyNotReady(both, { port: closed }, never)).toContain("127.0.0.2");
  expect(await whyNotReady(both, { port, address: "private" }, never)).toBeUndefined();
  expect(await whyNotReady(instance({ privateIp: "127.0.0.1" }), { port, address: "public" }, never)).toBe(
    "it has no public address",
  );
});

test("a function that hears nothing is left alone when the call ends", async () => {
  const controller = new AbortController();
  const asked = whyNotReady(instance({}), () => new Promise(() => {}), controller.signal);
  controller.abort(new Error("the deadline"));
  expect(await asked).toContain("the deadline");
});

test.each([
  ["resolves with nothing", async () => undefined, undefined],
  ["returns true", () => true, undefined],
  ["resolves with false", async () => false, "readyWhen says that it is not ready"],
  [
    "rejects",
    async () => {
      throw new Error("cloud-init is at work");
    },
    "readyWhen says: cloud-init is at work",
  ],
])("a function that %s", async (_, readyWhen, why) => {
  expect(await whyNotReady(instance({}), readyWhen, never)).toBe(why);
});
