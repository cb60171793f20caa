/** Credentials come by the SDK's own chain, and are seen nowhere. */
import { inspect } from "node:util";
import { createManager, definePool } from "@warmpool/core";
import { keyvStore } from "@warmpool/core/keyv";
import { Fault } from "@warmpool/test-ec2";
import Keyv from "keyv";
import { afterEach, expect, test, vi } from "vitest";
import { ec2Provider } from "../src/index.js";
import { account, context, IMAGE, type Line, made, request, soon, unheard } from "./account.js";

const SECRET = "canary/secret+key0123456789";
const TOKEN = "canaryToken//with+signs==0123456789";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Everything that an error shows to whoever looks at it closely, its causes too. */
function everythingOf(value: unknown): string {
  return inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null, getters: true });
}

function expectNoSecret(text: string): void {
  for (const secret of [SECRET, TOKEN]) {
    for (const written of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
      expect(
        text.includes(written),
        `…${text.slice(Math.max(0, text.indexOf(written) - 200), text.indexOf(written))}`,
      ).toBe(false);
    }
  }
}

/** An account that the environment leads to, as AWS' own tools are led. */
async function surroundings() {
  const server = await account();
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDTEST");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", SECRET);
  vi.stubEnv("AWS_SESSION_TOKEN", TOKEN);
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_ENDPOINT_URL", server.url);
  vi.stubEnv("AWS_MAX_ATTEMPTS", "1");
  return server;
}

/** AWS explains a refused signature with the whole request, as it should have been signed. */
function explained(): Fault {
  const message = `The request signature we calculated does not match.
The Canonical String for this request should have been
'POST
/
host:ec2.us-east-1.amazonaws.com
x-amz-security-token:${TOKEN}
' ${encodeURIComponent(TOKEN)} ${SECRET}`;
  return new Fault("SignatureDoesNotMatch", message, 403);
}

test("region, endpoint and credentials are those that the environment names", async () => {
  const server = await surroundings();
  const provider = ec2Provider({ launch: { ImageId: IMAGE }, pollEvery: 5 });
  const data = await provider.allocate(request(), context());
  expect(server.cloud.alive().map(({ id }) => id)).toEqual([data.id]);
  await provider.delete(made(data), context());
});

test("an endpoint that is given goes before one of the environment", async () => {
  const server = await surroundings();
  vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
  const provider = ec2Provider({ launch: { ImageId: IMAGE }, endpoint: server.url, pollEvery: 5 });
  await provider.allocate(request(), context());
  expect(server.cloud.alive()).toHaveLength(1);
});

test("without a region, every call says so, and that nothing was made", async () => {
  await surroundings();
  vi.stubEnv("AWS_REGION", undefined);
  vi.stubEnv("AWS_CONFIG_FILE", "/dev/null");
  const refused = ec2Provider({ launch: { ImageId: IMAGE } }).allocate(request(), context());
  await expect(refused).rejects.toMatchObject({ kind: "permanent", made: "nothing" });
  await expect(refused).rejects.toThrow("Region is missing");
});

test("no error of any call, and no line of the log, holds a credential, whatever EC2 answers", async () => {
  const server = await surroundings();
  const lines: Line[] = [];
  const provider = ec2Provider({ launch: { ImageId: IMAGE }, reset: "reboot", pollEvery: 5 });
  const data = await provider.allocate(request(), context({ lines }));
  server.cloud.weather.mishap = () => ({ kind: "refuse", fault: explained() });
  const given = () => context({ lines, signal: AbortSignal.timeout(1_000) });
  const other = "wp-abcdefgh-123456-2z";
  const calls: Record<string, () => Promise<unknown>> = {
    allocate: () => provider.allocate(request({ key: other }), given()),
    delete: () => provider.delete(unheard(other), given()),
    deleteMade: () => provider.delete(made(data), given()),
    find: () => provider.find!(other, given()),
    list: () => Array.fromAsync(provider.list!(given())),
    reset: () => provider.reset!(made(data), given()),
    suspend: () => provider.suspend(made(data), given()),
    resume: () => provider.resume(made(data), given()),
  };
  for (const [name, call] of Object.entries(calls)) {
    const error = await call().then(
      () => expect.fail(`${name} was not refused`),
      (error: unknown) => error,
    );
    const shown = everythingOf(error);
    expect(shown, name).toContain("SignatureDoesNotMatch");
    expectNoSecret(shown);
    expectNoSecret(JSON.stringify(error, Object.getOwnPropertyNames(error)));
  }
  // A check that could not be made says why.
  await soon(() => provider.check!(made(data), given())).toMatchObject({ status: "unknown" });
  expectNoSecret(everythingOf(await provider.check!(made(data), given())));
  expectNoSecret(everythingOf([provider, lines]));
});

test("no event, no record and no statistics of a pool hold a credential", async () => {
  const server = await surroundings();
  const records = new Map<string, unknown>();
  const events: unknown[] = [];
  const manager = createManager({
    store: keyvStore(new Keyv({ store: records }), { heartbeat: "20ms" }),
    pools: {
      ci: definePool({
        provider: ec2Provider({ launch: { ImageId: IMAGE }, userData: "a runner", pollEvery: 5, settlesWithin: "2s" }),
        max: 3,
        backoff: { first: 5, max: 10 },
      }),
    },
  });
  manager.on("event", (event) => void events.push(event));
  await using lease = await manager.acquire({ pool: "ci" });
  server.cloud.weather.mishap = (action) =>
    action === "RunInstances" ? { kind: "refuse", fault: explained() } : undefined;
  const refused = await manager.acquire({ pool: "ci", timeout: "2s" }).catch((error: unknown) => error);
  expect(everythingOf(refused)).toContain("SignatureDoesNotMatch");
  await soon(() => everythingOf(events)).toContain("SignatureDoesNotMatch");
  expect(everythingOf(records)).toContain(lease.data.id);
  for (const seen of [
    refused,
    events,
    [...records],
    manager.stats(),
    await manager.resources(),
    await manager.tickets(),
  ]) {
    expectNoSecret(everythingOf(seen));
  }
  server.cloud.weather.mishap = () => undefined;
  await lease.release();
  await manager.close({ resources: "delete" });
  expect(server.cloud.alive()).toEqual([]);
});
