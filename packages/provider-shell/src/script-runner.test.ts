import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { FAMILY, failure, STUBBORN } from "../test/trouble.js";
import { context, KEY, made, request, runs, unheard, until, workshop } from "../test/workshop.js";
import { shellProvider } from "./provider.js";

describe("a script that must end", () => {
  test("at its timeout, with everything it started", async () => {
    const shop = workshop();
    shop.script("new", "echo working >&2", ...FAMILY);
    const provider = shellProvider({
      ...shop.options,
      allocate: "./new",
      delete: ["true"],
      timeouts: { allocate: "300ms" },
    });
    const error = await failure(provider.allocate(request(), context()));
    expect(error).toMatchObject({ kind: "unknown", made: undefined });
    expect(error.message).toBe(
      `allocate of ${KEY} ran longer than its timeout of 300 ms, so it was ended. Its last words:\nworking\nLog: ${shop.path(`state/logs/${KEY}.log`)}`,
    );
    expect([runs(await shop.pid("script")), runs(await shop.pid("child"))]).toEqual([false, false]);
    expect(shop.recorded()).toBe(0);
  });

  test("a timeout of one command is none of another", async () => {
    const shop = workshop();
    const timeouts = { check: 1 };
    const provider = shellProvider({
      ...shop.options,
      shell: true,
      allocate: "sleep 0.1; echo a",
      delete: "true",
      timeouts,
    });
    expect(await provider.allocate(request(), context())).toBe("a");
  });

  test("when the call is given up", async () => {
    const shop = workshop();
    shop.script("new", ...FAMILY);
    const provider = shellProvider({ ...shop.options, allocate: "./new", delete: ["true"] });
    const controller = new AbortController();
    const reason = new Error("the pool closes");
    const call = failure(provider.allocate(request(), context({ signal: controller.signal })));
    const pids = [await shop.pid("script"), await shop.pid("child")];
    expect(pids.map(runs)).toEqual([true, true]);
    controller.abort(reason);
    const error = await call;
    expect(error.message).toContain("was given up (the pool closes), so it was ended. It said nothing.");
    expect(error).toMatchObject({ cause: reason, made: undefined });
    expect(pids.map(runs)).toEqual([false, false]);
  });

  test("one that doesn't listen gets SIGKILL after killAfter", async () => {
    const shop = workshop();
    shop.script("new", ...STUBBORN);
    const provider = shellProvider({ ...shop.options, allocate: "./new", delete: ["true"], killAfter: "200ms" });
    const controller = new AbortController();
    const call = failure(provider.allocate(request(), context({ signal: controller.signal })));
    const pids = [await shop.pid("script"), await shop.pid("child")];
    controller.abort();
    await call;
    expect(pids.map(runs)).toEqual([false, false]);
  });

  test("SIGTERM lets it clean up", async () => {
    const shop = workshop();
    shop.script("new", "trap 'echo bye >cleaned; exit 1' TERM", "echo $$ >script", "while :; do sleep 0.05; done");
    const provider = shellProvider({ ...shop.options, allocate: "./new", delete: ["true"] });
    const controller = new AbortController();
    const call = failure(provider.allocate(request(), context({ signal: controller.signal })));
    await shop.pid("script");
    controller.abort();
    await call;
    expect(shop.read("cleaned")).toBe("bye\n");
  });

  test("a call that was given up before has made nothing and started nothing", async () => {
    const shop = workshop();
    shop.script("new", "touch started");
    const provider = shellProvider({ ...shop.options, allocate: "./new", delete: "./new" });
    const signal = AbortSignal.abort();
    expect(await failure(provider.allocate(request(), context({ signal })))).toMatchObject({ made: "nothing" });
    expect(await failure(provider.delete(unheard(), context({ signal })))).toMatchObject({ made: undefined });
    expect(shop.exists("started")).toBe(false);
  });

  test("a failed script takes along what it started", async () => {
    const shop = workshop();
    shop.script("new", "sleep 600 &", "echo $! >child", "exit 7");
    const provider = shellProvider({ ...shop.options, allocate: "./new", delete: ["true"] });
    await failure(provider.allocate(request(), context()));
    expect(runs(await shop.pid("child"))).toBe(false);
  });
});

describe("what a script leaves running", () => {
  test.each([
    ["in its group, with its stdout", "sh -c 'while :; do echo alive; sleep 0.05; done' &"],
    ["with nohup and a log of its own", "nohup sleep 600 >daemon.log 2>&1 &"],
    ...(existsSync("/usr/bin/setsid") ? [["in a session of its own", "setsid sleep 600 &"]] : []),
  ])("survives the script's success and delays nothing: %s", async (_, line) => {
    const shop = workshop();
    shop.script("new", line, "echo $! >daemon", "echo data");
    const provider = shellProvider({ ...shop.options, allocate: "./new", delete: ["true"], check: ["true"] });
    // Were its end waited for, this would never come back.
    expect(await provider.allocate(request(), context())).toMatch(/^(alive\n)*data(\nalive)*$/);
    const pid = await shop.pid("daemon");
    expect(runs(pid)).toBe(true);
    // Nor do later calls for the key take it for a script that must end.
    await provider.check?.(made(""), context());
    expect(runs(pid)).toBe(true);
    expect(shop.recorded()).toBe(0);
  });

  test("its stderr goes on into the log", async () => {
    const shop = workshop();
    shop.script("new", "sh -c 'until [ -e more ]; do sleep 0.02; done; echo later >&2' &", "echo now >&2");
    const provider = shellProvider({ ...shop.options, allocate: "./new", delete: ["true"] });
    await provider.allocate(request(), context());
    await writeFile(shop.path("more"), "");
    await until("its line in the log", () => shop.log() === "now\nlater\n");
  });

  test("a find that answers leaves it alone as well", async () => {
    const shop = workshop();
    shop.script("find", "sleep 600 &", "echo $! >daemon", "exit 104");
    const provider = shellProvider({ ...shop.options, allocate: ["true"], delete: ["true"], find: "./find" });
    expect(await provider.find?.(KEY, context())).toEqual({ status: "pending" });
    expect(runs(await shop.pid("daemon"))).toBe(true);
  });
});

describe("outputLimit", () => {
  test("exactly that much is not too much", async () => {
    const shop = workshop();
    const options = { ...shop.options, shell: true, delete: "true", outputLimit: 1_000 } as const;
    expect(
      await shellProvider({ ...options, allocate: "printf '%01000d' 0" }).allocate(request(), context()),
    ).toHaveLength(1_000);
    const error = await failure(
      shellProvider({ ...options, allocate: "printf '%01001d' 0" }).allocate(request(), context()),
    );
    expect(error.message).toContain("printed more than the 1000 bytes that it may (outputLimit), so it was ended.");
    expect(error).toMatchObject({ kind: "unknown", made: undefined });
  });

  test("64 KiB is the default", async () => {
    const shop = workshop();
    const options = {
      ...shop.options,
      shell: true,
      delete: "true",
      find: 'printf %s "$WARMPOOL_DATA" | wc -c',
    } as const;
    const fits = shellProvider({ ...options, allocate: "printf '%065536d' 0" });
    expect(await fits.allocate(request(), context())).toHaveLength(65_536);
    const error = await failure(
      shellProvider({ ...options, allocate: "printf '%065537d' 0" }).allocate(request(), context()),
    );
    expect(error.message).toContain("65536 bytes");
  });

  test("the most that is allowed can be handed to a script", async () => {
    const shop = workshop();
    shop.script(
      "clean",
      'printf %s "$WARMPOOL_DATA" | wc -c',
      'printf %s "$RESALLOC_RESOURCE_DATA" | base64 -d | wc -c',
    );
    const provider = shellProvider({
      ...shop.options,
      allocate: ["seq", "1", "16889"],
      delete: "./clean",
      outputLimit: 92_160,
    });
    const data = await provider.allocate(request(), context());
    await provider.delete(made("x".repeat(92_160)), context());
    expect(shop.log().trim().split(/\s+/)).toEqual(["92160", "92161"]);
    expect(data.length).toBeGreaterThan(90_000);
  });

  test("a flood is ended while it flows", async () => {
    const shop = workshop();
    shop.script("new", "echo $$ >script", "while :; do echo flood; sleep 0.001; done");
    const provider = shellProvider({ ...shop.options, allocate: "./new", delete: ["true"], outputLimit: 20 });
    const error = await failure(provider.allocate(request(), context()));
    expect(error.message).toContain("20 bytes");
    expect(runs(await shop.pid("script"))).toBe(false);
  });
});

test("state that cannot be kept starts nothing", async () => {
  const shop = workshop();
  shop.script("new", "touch started");
  await writeFile(shop.path("file"), "");
  const provider = shellProvider({
    cwd: shop.directory,
    stateDirectory: shop.path("file/state"),
    allocate: "./new",
    delete: "./new",
  });
  const error = await failure(provider.allocate(request(), context()));
  expect(error).toMatchObject({ kind: "permanent", made: "nothing" });
  expect(error.message).toContain("ENOTDIR");
  expect(shop.exists("started")).toBe(false);
});

test("nothing is left open", async () => {
  const shop = workshop();
  const { readdirSync } = await import("node:fs");
  if (!existsSync("/proc/self/fd")) return;
  const provider = shellProvider({
    ...shop.options,
    shell: true,
    allocate: "echo a",
    delete: "exit 1",
    find: "exit 103",
  });
  const descriptors = () => readdirSync("/proc/self/fd").length;
  const calls = async (n: number) => {
    const key = `wp-abcdefgh-123456-${n}`;
    await provider.allocate(request({ key }), context());
    await provider.find?.(key, context());
    await failure(provider.delete(unheard(key), context()));
  };
  await calls(0);
  const before = descriptors();
  for (let n = 1; n <= 10; n++) await calls(n);
  await until("closed descriptors", () => descriptors() <= before);
  expect(readdirSync(shop.path("state")).sort()).toEqual(["logs", "running"]);
});

test("its listeners leave the signal", async () => {
  const shop = workshop();
  const provider = shellProvider({ ...shop.options, allocate: ["true"], delete: ["true"] });
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on("warning", note);
  onTestFinished(() => void process.off("warning", note));
  const { signal } = new AbortController();
  for (let n = 0; n < 15; n++) await provider.delete(unheard(), context({ signal }));
  await new Promise(setImmediate);
  expect(warnings).toEqual([]);
});
