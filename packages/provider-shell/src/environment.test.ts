import { describe, expect, test } from "vitest";
import { context, KEY, made, request, unheard, workshop } from "../test/workshop.js";
import { environmentOf } from "./environment.js";
import { shellProvider } from "./provider.js";

const EXPIRES_AT_MS = Date.UTC(2030, 0, 2, 3, 4, 5, 6);
const tags = { namespace: "ci", installation: "abcdefgh", pool: "web", key: KEY, epoch: 3, expiresAtMs: EXPIRES_AT_MS };

const PRINTS = { text: "", json: `echo '{ "key": "${KEY}" }'` };

/** What the scripts of one provider saw of the variables that are ours. */
async function seen(output: "text" | "json", data: unknown, env: Record<string, string> = {}) {
  const shop = workshop();
  shop.script("show", "env | grep -E '^(WARMPOOL|RESALLOC)_' | sort >\"seen-$WARMPOOL_COMMAND\"", PRINTS[output]);
  const show = ["./show"] as const;
  const commands = { allocate: show, delete: show, check: show, reset: show, list: show, find: show };
  const provider = shellProvider({ ...shop.options, ...commands, env, output: output as "json" });
  await provider.allocate(request({ tags }), context());
  await provider.check?.(made(data as never), context());
  await provider.reset?.(made(data as never), context());
  await provider.find?.(KEY, context());
  await Array.fromAsync(provider.list!(context()));
  await provider.delete(made(data as never), context());
  const read = (command: string) => {
    const lines = shop.read(`seen-${command}`).trimEnd().split("\n");
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
  };
  const nothing = async () => {
    await provider.delete(unheard(), context());
    return read("delete");
  };
  return { read, nothing };
}

const about = {
  WARMPOOL_KEY: KEY,
  WARMPOOL_ID: "71",
  WARMPOOL_POOL: "web",
  WARMPOOL_SLOT: "2",
  WARMPOOL_INSTALLATION: "abcdefgh",
  WARMPOOL_EPOCH: "3",
  RESALLOC_ID: "71",
  RESALLOC_NAME: KEY,
  RESALLOC_POOL_ID: "web",
  RESALLOC_ID_IN_POOL: "2",
};

test("each command sees exactly these variables, and resalloc's beside", async () => {
  const { read, nothing } = await seen("text", "10.0.0.1");
  expect(read("allocate")).toEqual({
    ...about,
    WARMPOOL_COMMAND: "allocate",
    WARMPOOL_NAMESPACE: "ci",
    WARMPOOL_EXPIRES_AT: "2030-01-02T03:04:05.006Z",
  });
  const data = { WARMPOOL_DATA: "10.0.0.1", RESALLOC_RESOURCE_DATA: Buffer.from("10.0.0.1\n").toString("base64") };
  for (const command of ["check", "reset", "delete"]) {
    expect(read(command)).toEqual({ ...about, ...data, WARMPOOL_COMMAND: command });
  }
  expect(read("find")).toEqual({
    WARMPOOL_COMMAND: "find",
    WARMPOOL_KEY: KEY,
    WARMPOOL_ID: "71",
    WARMPOOL_NAMESPACE: "ci",
    WARMPOOL_INSTALLATION: "abcdefgh",
    WARMPOOL_EPOCH: "3",
    RESALLOC_ID: "71",
    RESALLOC_NAME: KEY,
    RESALLOC_POOL_ID: "None",
    RESALLOC_ID_IN_POOL: "None",
  });
  expect(read("list")).toEqual({
    WARMPOOL_COMMAND: "list",
    WARMPOOL_NAMESPACE: "ci",
    WARMPOOL_INSTALLATION: "abcdefgh",
    WARMPOOL_EPOCH: "3",
    RESALLOC_ID: "None",
    RESALLOC_NAME: "None",
    RESALLOC_POOL_ID: "wp-abcdefgh",
    RESALLOC_ID_IN_POOL: "None",
  });
  expect(await nothing()).toEqual({ ...about, WARMPOOL_COMMAND: "delete" });
});

test("data that is JSON comes as JSON, on one line", async () => {
  const { read } = await seen("json", { host: "h", port: 22 });
  const json = '{"host":"h","port":22}';
  expect(read("delete")).toMatchObject({
    WARMPOOL_DATA: json,
    RESALLOC_RESOURCE_DATA: Buffer.from(json).toString("base64"),
  });
});

test("env fills in what resalloc's scripts would find None in", async () => {
  const { read } = await seen("text", "a", { RESALLOC_POOL_ID: "mine", RESALLOC_NAMED_COUNTER_port: "7" });
  expect(read("list")).toMatchObject({ RESALLOC_POOL_ID: "mine", RESALLOC_NAMED_COUNTER_port: "7" });
  expect(read("check")).toMatchObject({ RESALLOC_POOL_ID: "web", RESALLOC_NAMED_COUNTER_port: "7" });
});

test("a pool's numbers are told by their names, under which resalloc's scripts know them as well", async () => {
  const shop = workshop();
  shop.script("show", "env | grep -E '_COUNTER_' | sort >\"seen-$WARMPOOL_COMMAND\"");
  const provider = shellProvider({ ...shop.options, allocate: ["./show"], delete: ["./show"] });
  const counters = { port: 7, "floating-ip": 0 };
  await provider.allocate(request({ counters }), context());
  await provider.delete({ ...unheard(), counters }, context());
  const numbers = [
    "RESALLOC_NAMED_COUNTER_floating_ip=0",
    "RESALLOC_NAMED_COUNTER_port=7",
    "WARMPOOL_COUNTER_floating_ip=0",
    "WARMPOOL_COUNTER_port=7",
    "",
  ].join("\n");
  expect(shop.read("seen-allocate")).toBe(numbers);
  expect(shop.read("seen-delete")).toBe(numbers);
});

describe("with a resallocPool", () => {
  const NAME = `old_${KEY}`;

  /** Scripts as operators have them: deleting what is not there fails, and a name tells whose it is. */
  function provider(shop: ReturnType<typeof workshop>, deletes = 'rm "things/$RESALLOC_NAME"') {
    shop.script("new", 'mkdir -p things && touch "things/$RESALLOC_NAME" && echo "$RESALLOC_POOL_ID"');
    shop.script("gone", deletes);
    shop.script("list", 'cd things && ls | grep "^$RESALLOC_POOL_ID"_');
    return shellProvider({ ...shop.options, resallocPool: "old", allocate: "./new", delete: "./gone", list: "./list" });
  }

  test("names begin with it, and listed names are keys again", async () => {
    const shop = workshop();
    const shell = provider(shop);
    expect(await shell.allocate(request(), context())).toBe("old");
    expect(shop.exists(`things/${NAME}`)).toBe(true);
    shop.script(
      "more",
      "cd things; touch old_00000012_20260102 older_wp-abcdefgh-123456-1z old_extra_wp-abcdefgh-123456-1z",
    );
    await shellProvider({ ...shop.options, allocate: "./more", delete: "./gone" }).allocate(request(), context());
    expect(await Array.fromAsync(shell.list!(context()))).toEqual([{ key: KEY }]);
  });

  test("a delete that fails because there is nothing has succeeded", async () => {
    const shop = workshop();
    const shell = provider(shop);
    await shell.allocate(request(), context());
    await shell.allocate(request({ key: "wp-abcdefgh-123456-2z" }), context());
    await shell.delete(made("old"), context());
    await shell.delete(made("old"), context());
    expect(await Array.fromAsync(shell.list!(context()))).toEqual([{ key: "wp-abcdefgh-123456-2z" }]);
  });

  test("a delete that fails has failed if the thing is still listed, or nobody can tell", async () => {
    const shop = workshop();
    const shell = provider(shop, "echo 'not today' >&2; exit 1");
    await shell.allocate(request(), context());
    await expect(shell.delete(made("old"), context())).rejects.toThrow("not today");
    shop.script("list", "exit 1");
    await expect(shell.delete(made("old"), context())).rejects.toThrow("not today");
  });
});

describe("environmentOf", () => {
  const facts = { command: "find", epoch: 1, key: KEY } as const;

  test("inherited variables come first, then env", () => {
    const result = environmentOf(facts, { PATH: "/bin", LANG: "C", gone: undefined }, { LANG: "de", TOKEN: "t" });
    expect(result).toMatchObject({ PATH: "/bin", LANG: "de", TOKEN: "t" });
    expect(result).not.toHaveProperty("gone");
  });

  test("what a manager inherited from a script of another is not passed on", () => {
    const inherited = {
      WARMPOOL_DATA: "old",
      WARMPOOL_POOL: "old",
      RESALLOC_NAME: "old",
      RESALLOC_RESOURCE_DATA: "old",
    };
    const result = environmentOf(facts, { ...inherited, WARMPOOL_URL: "kept" }, {});
    expect(result).not.toHaveProperty("WARMPOOL_DATA");
    expect(result).not.toHaveProperty("WARMPOOL_POOL");
    expect(result).not.toHaveProperty("RESALLOC_RESOURCE_DATA");
    expect(result).toMatchObject({ RESALLOC_NAME: KEY, WARMPOOL_URL: "kept" });
  });

  test("of a key that isn't Warmpool's, no installation is told", () => {
    expect(environmentOf({ ...facts, key: "web_00000012" }, {}, {})).not.toHaveProperty("WARMPOOL_INSTALLATION");
  });
});
