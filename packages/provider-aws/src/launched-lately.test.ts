import { describe, expect, test } from "vitest";
import { account, context, KEY, keyOf, made, providerOf, request, soon, unheard } from "../test/account.js";

const MINUTE_MS = 60_000;

describe("what EC2 does not show yet", () => {
  /** An instance that was launched, and that nobody can see. */
  async function hidden(forMs: number) {
    const server = await account();
    server.cloud.weather.visibleAfterMs = forMs;
    const controller = new AbortController();
    const provider = providerOf(server);
    const given = context({ signal: controller.signal });
    const running = provider.allocate(request(), given);
    await soon(() => given.checkpoints.length).toBe(1);
    controller.abort();
    await expect(running).rejects.toThrow();
    return { server, provider, data: given.checkpoints[0]! };
  }

  test("is pending, not absent", async () => {
    const { provider, data } = await hidden(MINUTE_MS);
    expect(await provider.find!(KEY, context())).toEqual({ status: "pending", data });
  });

  test("is neither healthy nor unhealthy", async () => {
    const { provider, data } = await hidden(MINUTE_MS);
    expect(await provider.check!(made(data), context())).toMatchObject({ status: "unknown" });
  });

  test("is deleted all the same, by its id, its key alone, or its record in the next process", async () => {
    for (const ref of ["data", "key", "next process"] as const) {
      const { server, provider, data } = await hidden(100);
      if (ref === "data") await provider.delete(made(data), context());
      else if (ref === "key") await provider.delete(unheard(), context());
      else await providerOf(server).delete(made(data), context());
      expect([ref, server.cloud.alive()]).toEqual([ref, []]);
    }
  });

  test("is gone if its launch is long ago", async () => {
    const server = await account();
    const data = await providerOf(server).allocate(request(), context());
    const old = { ...data, id: "i-00000000000000000", launchedAtMs: Date.now() - 60 * MINUTE_MS };
    const other = keyOf(5);
    await providerOf(server).delete(made(old, other), context());
    expect(await providerOf(server).check!(made(old, other), context())).toMatchObject({ status: "unhealthy" });
  });
});
