import { inspect } from "node:util";
import { type AnyEvent, createPool, type Logger, memoryStore } from "@warmpool/core";
import { APPLICATION_CREDENTIAL, type OpenStack, USER } from "@warmpool/test-openstack";
import { describe, expect, test } from "vitest";
import { type OpenStackAuth, openStackProvider } from "../src/index.js";
import { context, KEY, made, request, unheard } from "./call.js";
import { authOf, fakeCloud, optionsOf } from "./fake-cloud.js";

/** Everything that must appear nowhere, after a cloud was used: passwords, and every token that it gave. */
function leaks(cloud: OpenStack, told: unknown): string[] {
  const text = inspect(told, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null });
  const secrets = [USER.password, APPLICATION_CREDENTIAL.secret, "zPnp2GseTqG4", ...cloud.keystone.tokens];
  return secrets.filter((secret) => text.includes(secret));
}

/** The next request is refused by a service that repeats what it was sent. */
function echo(cloud: OpenStack, sent: string | undefined): void {
  const body = {
    get forbidden() {
      return { code: 403, message: `denied for ${sent} with ${cloud.keystone.tokens.at(-1)}` };
    },
  };
  cloud.control.faults.push({ match: () => true, times: 1, how: { kind: "answer", status: 403, body } });
}

const CREDENTIALS: [string, (cloud: OpenStack) => OpenStackAuth][] = [
  ["a password", authOf],
  [
    "an application credential",
    (cloud) => ({
      authUrl: cloud.authUrl,
      applicationCredentialId: APPLICATION_CREDENTIAL.id,
      applicationCredentialSecret: APPLICATION_CREDENTIAL.secret,
    }),
  ],
  ["a token", (cloud) => ({ authUrl: cloud.authUrl, token: cloud.keystone.issue(), projectName: "ci" })],
];

describe.each(CREDENTIALS)("with %s", (_, auth) => {
  test("no error of any call tells a credential, nor do its causes", async () => {
    const cloud = await fakeCloud();
    const given = auth(cloud);
    const provider = openStackProvider(optionsOf(cloud, { auth: given, pollInterval: 1 }));
    const data = await provider.allocate(request(), context());
    const told: unknown[] = [data];
    const calls = [
      () => provider.allocate(request({ key: `${KEY}0` }), context()),
      () => provider.find(KEY, context()),
      () => provider.check(made(data), context()),
      () => provider.list(context()).next(),
      () => provider.reset?.(made(data), context()),
      () => provider.suspend(made(data), context()),
      () => provider.delete(unheard(), context()),
    ];
    for (const call of calls) {
      echo(cloud, given.password ?? given.applicationCredentialSecret ?? given.token);
      told.push(await Promise.resolve(call()).catch((error: unknown) => error));
    }
    cloud.control.down = true;
    for (const call of calls) told.push(await Promise.resolve(call()).catch((error: unknown) => error));
    expect(told.filter((error) => error instanceof Error).length).toBeGreaterThan(calls.length);
    expect(inspect(told, { depth: 20 })).toContain("[secret]");
    expect(leaks(cloud, told)).toEqual([]);
  });
});

test("a wrong password is told as such, and not told", async () => {
  const cloud = await fakeCloud();
  const wrong = { ...authOf(cloud), password: `${USER.password}!` };
  const failed = openStackProvider(optionsOf(cloud, { auth: wrong })).allocate(request(), context());
  await expect(failed).rejects.toMatchObject({ kind: "permanent", made: "nothing", message: /401 Unauthorized/ });
  expect(leaks(cloud, await failed.catch((error) => error))).toEqual([]);
});

test("no log, event or record of a manager tells a credential", async () => {
  const cloud = await fakeCloud({ quota: { servers: 2, floatingIps: 9 } });
  const told: unknown[] = [];
  const log = (...words: unknown[]) => void told.push(words);
  const logger: Logger = { debug: log, info: log, warn: log, error: log };
  const pool = createPool({
    name: "vm",
    provider: openStackProvider(optionsOf(cloud, { userData: "#cloud-config" })),
    store: memoryStore(),
    warm: 3,
    max: 3,
    logger,
  });
  pool.on("event", (event: AnyEvent) => void told.push(event));
  const lease = await pool.acquire();
  told.push(lease.data, pool.stats());
  await expect.poll(() => JSON.stringify(told), { timeout: 5_000 }).toContain("Quota exceeded");
  await pool.close({ timeout: 0, resources: "keep" });
  expect(leaks(cloud, told)).toEqual([]);
});
