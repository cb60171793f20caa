import { describe, expect, test } from "vitest";
import { FAMILY, failure } from "../test/trouble.js";
import { context, KEY, made, request, runs, unheard, workshop } from "../test/workshop.js";
import { shellProvider } from "./provider.js";

describe("one script per key", () => {
  test("a call waits until the one before has ended its script", async () => {
    const shop = workshop();
    shop.script(
      "new",
      "trap 'sleep 0.2; echo made >>order; exit 1' TERM",
      "echo $$ >script",
      "while :; do sleep 0.02; done",
    );
    shop.script("gone", "echo deleted >>order");
    const provider = shellProvider({ ...shop.options, allocate: "./new", delete: "./gone" });
    const controller = new AbortController();
    const call = failure(provider.allocate(request(), context({ signal: controller.signal })));
    await shop.pid("script");
    controller.abort();
    await provider.delete(unheard(), context());
    expect(shop.read("order")).toBe("made\ndeleted\n");
    await call;
  });

  test.each(["find", "delete"] as const)("%s ends an allocate that still runs", async (command) => {
    const shop = workshop();
    shop.script("new", ...FAMILY);
    shop.script("look", "touch looked", "exit 103");
    const provider = shellProvider({ ...shop.options, allocate: "./new", delete: ["true"], find: "./look" });
    const call = failure(provider.allocate(request(), context()));
    const pids = [await shop.pid("script"), await shop.pid("child")];
    if (command === "find") expect(await provider.find?.(KEY, context())).toEqual({ status: "absent" });
    else await provider.delete(unheard(), context());
    expect(pids.map(runs)).toEqual([false, false]);
    expect(await call).toMatchObject({ made: undefined });
    expect((await call).message).toContain(`was given up (${command} was asked for), so it was ended.`);
  });

  test("keys don't wait for each other", async () => {
    const shop = workshop();
    shop.script("new", 'if [ "$WARMPOOL_ID" = 1 ]; then until [ -e two ]; do sleep 0.02; done; else touch two; fi');
    const provider = shellProvider({ ...shop.options, allocate: "./new", delete: ["true"] });
    const first = provider.allocate(request({ key: "wp-abcdefgh-123456-1", id: 1 }), context());
    await provider.allocate(request({ key: "wp-abcdefgh-123456-2", id: 2 }), context());
    await first;
  });

  test("a second manager on the machine ends the first one's script before it touches the key", async () => {
    const shop = workshop();
    shop.script("new", ...FAMILY);
    shop.script("gone", "touch deleted");
    const options = { ...shop.options, allocate: "./new", delete: "./gone" } as const;
    const call = failure(shellProvider(options).allocate(request(), context()));
    const pids = [await shop.pid("script"), await shop.pid("child")];
    await shellProvider(options).delete(unheard(), context({ epoch: 4 }));
    expect(pids.map(runs)).toEqual([false, false]);
    expect(shop.exists("deleted")).toBe(true);
    expect((await call).message).toContain("failed: SIGTERM");
    expect(shop.recorded()).toBe(0);
  });

  test("a manager that was replaced doesn't end its successor's script", async () => {
    const shop = workshop();
    shop.script("new", ...FAMILY);
    shop.script("gone", "touch deleted");
    const options = { ...shop.options, allocate: "./new", delete: "./gone", check: "./gone" } as const;
    const controller = new AbortController();
    const call = failure(shellProvider(options).allocate(request(), context({ epoch: 4, signal: controller.signal })));
    const pid = await shop.pid("script");
    await shop.pid("child");
    const old = shellProvider(options);
    const error = await failure(old.delete(unheard(), context({ epoch: 3 })));
    expect(error.message).toBe(
      `delete of ${KEY} was not started: a later manager (epoch 4) runs allocate for this key, process ${pid}.`,
    );
    expect(error.kind).toBe("transient");
    expect(await old.check?.(made(""), context({ epoch: 3 }))).toMatchObject({ status: "unknown" });
    expect([runs(pid), shop.exists("deleted")]).toEqual([true, false]);
    controller.abort();
    await call;
  });
});
