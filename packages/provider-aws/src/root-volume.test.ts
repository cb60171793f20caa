import { describe, expect, test } from "vitest";
import { account, context, made, providerOf, request, soon } from "../test/account.js";

const MINUTE_MS = 60_000;

describe("reset", () => {
  test("by a new root volume", async () => {
    const server = await account();
    const provider = providerOf(server, { reset: "replace-root-volume" });
    const data = await provider.allocate(request(), context());
    const before = server.cloud.alive()[0]?.rootVolume.id;
    server.cloud.weather.rootVolumeMs = 30;
    expect(await provider.reset!(made(data), context())).toEqual(data);
    expect(server.cloud.alive()[0]?.rootVolume.id).not.toBe(before);
    const [task] = server.seen.filter(({ action }) => action === "CreateReplaceRootVolumeTask");
    expect(task?.query.text("DeleteReplacedRootVolume")).toBe("true");
  });

  test("by a reboot, over when the instance was down and is ready again", async () => {
    const server = await account();
    let up = true;
    const provider = providerOf(server, { reset: "reboot", rebootWithin: MINUTE_MS, readyWhen: () => up });
    const data = await provider.allocate(request(), context());
    const reset = provider.reset!(made(data), context());
    await soon(() => server.seen.some(({ action }) => action === "RebootInstances")).toBe(true);
    up = false;
    const over = reset.then(() => up);
    const readings = server.seen.length;
    await soon(() => server.seen.length).toBeGreaterThan(readings + 4);
    up = true;
    expect(await over).toBe(true);
  });

  test("there is none unless it is asked for", async () => {
    expect(providerOf(await account()).reset).toBeUndefined();
  });
});
