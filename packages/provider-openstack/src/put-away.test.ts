import { IMAGES } from "@warmpool/test-openstack";
import { describe, expect, test } from "vitest";
import { context, made, request } from "../test/call.js";
import { fakeCloud, optionsOf } from "../test/fake-cloud.js";
import type { OpenStackOptions } from "./options.js";
import { openStackProvider } from "./provider.js";

async function withServer(options: OpenStackOptions = {}, newest = "2.96") {
  const cloud = await fakeCloud({ microversions: { oldest: "2.1", newest } });
  const provider = openStackProvider(optionsOf(cloud, options));
  const data = await provider.allocate(request(), context());
  return { cloud, provider, data, machine: cloud.state.machines.get(data.id)! };
}

describe("reset", () => {
  test("rebuilds a server from the image that it was made from, with the same addresses", async () => {
    const { provider, data, machine } = await withServer({ floatingIp: "public" });
    // The image that new ones are made from is another one meanwhile.
    machine.imageId = IMAGES[1]?.id;
    expect(await provider.reset?.(made(data), context())).toEqual(data);
    expect(machine).toMatchObject({ status: "ACTIVE", imageId: IMAGES[1]?.id });
    expect(machine.done).toEqual(["ACTIVE", "rebuild", "ACTIVE"]);
  });

  test("rebuilds one that boots from a volume", async () => {
    const { provider, data, machine } = await withServer({ bootVolume: { sizeGiB: 1 } });
    await provider.reset?.(made(data), context());
    expect(machine.done).toEqual(["ACTIVE", "rebuild", "ACTIVE"]);
  });

  test("says so where Nova is too old for that", async () => {
    const { provider, data } = await withServer({ bootVolume: { sizeGiB: 1 } }, "2.92");
    await expect(provider.reset?.(made(data), context())).rejects.toThrow("Set reset to false");
  });

  test("reboots, if that is enough", async () => {
    const { provider, data, machine } = await withServer({ reset: "reboot" });
    await provider.reset?.(made(data), context());
    expect(machine.done).toEqual(["ACTIVE", "reboot", "ACTIVE"]);
  });

  test("waits until the server is ready again", async () => {
    let asked = 0;
    const readyWhen = () => {
      asked += 1;
      return asked % 3 === 0;
    };
    const { provider, data } = await withServer({ readyWhen });
    asked = 0;
    await provider.reset?.(made(data), context());
    expect(asked).toBe(3);
  });

  test("is not there if it is not wanted", async () => {
    const { provider } = await withServer({ reset: false });
    expect(provider).not.toHaveProperty("reset");
  });

  test("of a server that fails rejects", async () => {
    const { provider, data, machine } = await withServer();
    machine.status = "SHELVED_OFFLOADED";
    await expect(provider.reset?.(made(data), context())).rejects.toThrow("409");
  });
});

describe("suspend and resume", () => {
  test.each([
    ["shelve", "SHELVED_OFFLOADED", "unshelve"],
    ["stop", "SHUTOFF", "os-start"],
  ] as const)("%s a server and bring it back", async (how, status, back) => {
    const { provider, data, machine } = await withServer({ suspend: how });
    await provider.suspend(made(data), context());
    expect(machine.status).toBe(status);
    await provider.suspend(made(data), context());
    expect(await provider.resume(made(data), context())).toEqual(data);
    expect(machine.status).toBe("ACTIVE");
    expect(await provider.resume(made(data), context())).toEqual(data);
    expect(machine.done).toEqual(["ACTIVE", how === "stop" ? "os-stop" : "shelve", status, back, "ACTIVE"]);
  });

  test("what was put away can be deleted", async () => {
    const { cloud, provider, data } = await withServer();
    await provider.suspend(made(data), context());
    await provider.delete(made(data), context());
    expect(cloud.state.standing()).toEqual([]);
  });
});
