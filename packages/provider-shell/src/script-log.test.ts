import { existsSync } from "node:fs";
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { failure } from "../test/trouble.js";
import { context, KEY, made, request, unheard, workshop } from "../test/workshop.js";
import { shellProvider } from "./provider.js";

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
    await Array.fromAsync(provider.list!(context()));
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
