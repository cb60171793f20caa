import { Fault } from "@warmpool/test-ec2";
import { afterEach, describe, expect, test, vi } from "vitest";
import { account, context, KEY, made, providerOf, request } from "../test/account.js";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** The SDK repeats what was throttled, after seconds. */
function withoutTheSdksPatience(): void {
  vi.stubEnv("AWS_MAX_ATTEMPTS", "1");
}

describe("delete", () => {
  test("waits until EC2 says terminated", async () => {
    const server = await account();
    const provider = providerOf(server);
    const data = await provider.allocate(request(), context());
    server.cloud.weather.shuttingDownMs = 60;
    await provider.delete(made(data), context());
    expect(server.cloud.instances().map(({ state }) => state)).toEqual(["terminated"]);
    expect(server.seen.filter(({ action }) => action === "TerminateInstances")).toHaveLength(1);
  });

  test("what is terminated is absent, though EC2 tells of it for another hour", async () => {
    const server = await account();
    const provider = providerOf(server);
    const data = await provider.allocate(request(), context());
    await provider.delete(made(data), context());
    expect(server.cloud.instances()).toHaveLength(1);
    expect(await provider.find!(KEY, context())).toEqual({ status: "absent" });
    expect(await Array.fromAsync(provider.list!(context()))).toEqual([]);
    expect(await provider.check!(made(data), context())).toMatchObject({
      status: "unhealthy",
      reason: expect.stringContaining("User initiated shutdown"),
    });
  });

  test("ends everything that bears the key, if somebody launched more like this", async () => {
    const server = await account();
    const data = await providerOf(server).allocate(request(), context());
    // The server knows a token once in each zone, as EC2 does.
    await providerOf(server, { zones: ["us-east-1b"] }).allocate(request(), context());
    expect(server.cloud.alive()).toHaveLength(2);
    const provider = providerOf(server);
    expect(await provider.find!(KEY, context())).toMatchObject({ status: "broken" });
    await provider.delete(made(data), context());
    expect(server.cloud.alive()).toEqual([]);
  });

  test("goes on when a reading fails in passing", async () => {
    withoutTheSdksPatience();
    const server = await account();
    const provider = providerOf(server);
    const data = await provider.allocate(request(), context());
    let failures = 0;
    server.cloud.weather.shuttingDownMs = 30;
    server.cloud.weather.mishap = (action) => {
      if (action !== "DescribeInstances" || ++failures > 7) return undefined;
      return { kind: "refuse", fault: new Fault("RequestLimitExceeded", "Request limit exceeded.", 503) };
    };
    await provider.delete(made(data), context());
    expect(server.cloud.alive()).toEqual([]);
  });
});
