import { existsSync } from "node:fs";
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { ProviderError } from "@warmpool/core";
import { describe, expect, onTestFinished, test } from "vitest";
import { all, context, KEY, made, request, runs, unheard, until, workshop } from "../test/workshop.js";
import { shellProvider } from "./provider.js";

async function failure(call: Promise<unknown>): Promise<ProviderError> {
  const error = await call.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(ProviderError);
  return error;
}

/** Lines that start a child in the script's group, note both, and go on for longer than any test. */
const FAMILY = ["sleep 600 &", "echo $! >child", "echo $$ >script", "wait"];

/** The same, but neither listens to SIGTERM. */
const STUBBORN = [
  "trap '' TERM",
  "sh -c 'trap \"\" TERM; while :; do sleep 600; done' &",
  ...FAMILY.slice(1, 3),
  "while :; do wait; done",
];

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

describe("the log", () => {
  test("is one file per resource, appended to, with a line for each script's start and end", async () => {
    const shop = workshop();
    const other = "wp-abcdefgh-123456-20";
    const provider = shellProvider({
      ...shop.options,
      logDirectory: shop.path("state/logs"),
      shell: true,
      allocate: "echo making >&2; echo data",
      delete: 'echo "deleting $WARMPOOL_DATA"; exit 4',
    });
    await provider.allocate(request(), context());
    await failure(provider.delete(made("data"), context()));
    await provider.allocate(request({ key: other }), context());
    const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
    expect(shop.read(`state/logs/${KEY}.log`)).toMatch(
      new RegExp(
        `^=== ${time} allocate\nmaking\n=== ${time} exit code 0\n=== ${time} delete\ndeleting data\n=== ${time} exit code 4\n$`,
      ),
    );
    expect(shop.log(other)).toBe("making\n");
  });

  test("keeps no line of checks that found nothing", async () => {
    const shop = workshop();
    const options = { ...shop.options, shell: true, allocate: "echo made >&2", delete: "true", list: "echo a" };
    const provider = shellProvider({ ...options, check: '[ "$WARMPOOL_DATA" = well ] || { echo sick; exit 1; }' });
    await provider.allocate(request(), context());
    const before = shop.read(`state/logs/${KEY}.log`);
    await provider.check?.(made("well"), context());
    await all(provider.list!(context()));
    expect(shop.read(`state/logs/${KEY}.log`)).toBe(before);
    expect(shop.read("state/logs/list.log")).toBe("");
    await provider.check?.(made("ill"), context());
    await provider.delete(made("ill"), context());
    const lines = shop
      .read(`state/logs/${KEY}.log`)
      .slice(before.length)
      .replace(/=== \S+/g, "===");
    expect(lines).toBe("=== check\nsick\n=== exit code 1\n=== delete\n=== exit code 0\n");
  });

  test("a key that cannot be a file name gets one", async () => {
    const shop = workshop();
    const provider = shellProvider({ ...shop.options, shell: true, allocate: "true", delete: 'echo "$WARMPOOL_KEY"' });
    for (const key of ["../../escaped", "a/b", "a:b", "x".repeat(300), "ünï"]) {
      await provider.delete(unheard(key), context());
    }
    const { readdirSync } = await import("node:fs");
    expect(readdirSync(shop.path("state/logs"))).toHaveLength(5);
    expect(shop.recorded()).toBe(0);
  });

  test("old ones are removed after a delete, and nothing else", async () => {
    const shop = workshop();
    await mkdir(shop.path("logs"));
    const names = ["wp-abcdefgh-123456-1.log", "wp-abcdefgh-123456-2.log", "wp-abcdefgh-123456-3.txt", "mine.log"];
    for (const name of names) await writeFile(shop.path(`logs/${name}`), "");
    const eightDaysAgo = Date.now() / 1_000 - 8 * 86_400;
    for (const name of names.filter((name) => !name.includes("-2"))) {
      await utimes(shop.path(`logs/${name}`), eightDaysAgo, eightDaysAgo);
    }
    const provider = shellProvider({
      ...shop.options,
      allocate: ["true"],
      delete: ["true"],
      logDirectory: shop.path("logs"),
    });
    await provider.delete(unheard(), context());
    expect(names.map((name) => existsSync(shop.path(`logs/${name}`)))).toEqual([false, true, true, true]);
  });

  test("a script that opens /dev/stderr itself cuts it short, as any file, and is heard all the same", async () => {
    const shop = workshop();
    const options = {
      ...shop.options,
      shell: true,
      allocate: "echo before >&2",
      delete: "echo oops >/dev/stderr; exit 1",
    };
    const provider = shellProvider(options);
    await provider.allocate(request(), context());
    expect((await failure(provider.delete(unheard(), context()))).message).toContain("Its last words:\noops\n");
    expect(shop.log()).toBe("oops\n");
  });
});

describe("secrets of env", () => {
  const token = "s3cr3t-token";
  const pem = "-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA\nq83vEjRWeJA\n-----END KEY-----";

  test("reach the scripts, but no message and no line of ours", async () => {
    const shop = workshop();
    shop.script(
      "new",
      "set -x",
      'curl() { :; }; curl "$TOKEN"',
      'echo "$PEM" >&2',
      'echo "$TOKEN$SHORT"',
      'exit "$CODE"',
    );
    const env = { TOKEN: token, PEM: pem, SHORT: "abc", CODE: "3" };
    const options = {
      ...shop.options,
      allocate: "./new",
      delete: ["true"],
      check: "./new",
      env,
      output: "json",
    } as const;
    const failed = await failure(shellProvider(options).allocate(request(), context()));
    expect(failed.message).toContain("curl [env TOKEN]");
    expect(failed.message).toContain("[env PEM]");
    const health = await shellProvider(options).check?.(made({}), context());
    const garbage = await failure(
      shellProvider({ ...options, env: { ...env, CODE: "0" } }).allocate(request(), context()),
    );
    expect(garbage.message).toContain('but printed "[env TOKEN]abc\\n"');
    const told = [failed, garbage].flatMap((error) => [error.message, error.stack, JSON.stringify(error.details)]);
    for (const text of [...told, JSON.stringify(health)]) {
      for (const secret of [token, "MIIEpAIBAAKCAQEA", "q83vEjRWeJA"]) expect(text).not.toContain(secret);
    }
    const ours = shop
      .read(`state/logs/${KEY}.log`)
      .split("\n")
      .filter((line) => line.startsWith("==="));
    expect(ours.join()).not.toContain(token);
  });

  test("no half of one is left where the last words begin", async () => {
    const shop = workshop();
    shop.script("new", 'for n in $(seq 1 400); do printf %s "$TOKEN" >&2; done', "exit 1");
    const options = { ...shop.options, allocate: "./new", delete: ["true"] } as const;
    for (const length of [4, 13, 100, 701]) {
      const secret = "abcdefghijklmnopqrstuvwxyz".repeat(30).slice(0, length);
      const { message } = await failure(
        shellProvider({ ...options, env: { TOKEN: secret } }).allocate(request(), context()),
      );
      const words = message.slice(message.indexOf("\n"), message.lastIndexOf("\n"));
      expect(words.replaceAll("[env TOKEN]", "")).not.toMatch(/bcd|klm|xyz/);
    }
  });

  test("a process that cannot be made tells none", async () => {
    const shop = workshop();
    const env = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [`BIG_${n}`, `${token}${"x".repeat(100_000)}`]),
    );
    const provider = shellProvider({ ...shop.options, allocate: ["true", token], delete: ["true"], env });
    const error = await failure(provider.allocate(request(), context()));
    expect(error.message).toBe(`allocate of ${KEY} was not started: spawn E2BIG.`);
    expect(error).toMatchObject({ kind: "permanent", made: "nothing" });
    expect(JSON.stringify(error.cause) ?? "").not.toContain(token);
  });
});

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
