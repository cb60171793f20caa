import { parseKey } from "@warmpool/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { failure } from "../test/trouble.js";
import { context, KEY, made, request, unheard, workshop } from "../test/workshop.js";
import { shellProvider } from "./provider.js";

describe("allocate", () => {
  test.each([
    ["one newline at the end is taken off", "printf 'a b\\n'", "a b"],
    ["only one", "printf 'a\\n\\n'", "a\n"],
    ["none is needed", "printf 'a\\nb'", "a\nb"],
    ["nothing is data as well", ":", ""],
    ["it is UTF-8", "printf 'gr\\303\\274n\\n'", "grün"],
    ["stderr is none of it", "echo noise >&2; echo data", "data"],
    ["spaces at its ends stay", "echo ' a '", " a "],
  ])("text: %s", async (_, line, data) => {
    const shop = workshop();
    const provider = shellProvider({ ...shop.options, allocate: shop.script("new", line), delete: ["true"] });
    expect(await provider.allocate(request(), context())).toBe(data);
  });

  test("JSON", async () => {
    const shop = workshop();
    shop.script("new", `echo '{ "host": "10.0.0.1",'; echo '"port": 22 }'`);
    const options = { ...shop.options, allocate: "./new", delete: ["true"], output: "json" } as const;
    const provider = shellProvider<{ host: string; port: number }>(options);
    expect(await provider.allocate(request(), context())).toEqual({ host: "10.0.0.1", port: 22 });
  });

  test("JSON that a schema turns into data", async () => {
    const shop = workshop();
    shop.script("new", `echo '{ "host": "h", "port": "22" }'`);
    const output = z.object({ host: z.string(), port: z.string().transform(Number) });
    const provider = shellProvider({ ...shop.options, allocate: "./new", delete: ["true"], output });
    const data = await provider.allocate(request(), context());
    expect(data.port.toFixed()).toBe("22");
  });

  test.each([
    ["not JSON", "json", "echo oops: no instance", 'should have printed JSON, but printed "oops: no instance\\n"'],
    ["nothing", "json", ":", "should have printed JSON, but printed nothing"],
    [
      "not what the schema asks for",
      z.object({ host: z.string() }),
      "echo '{ \"host\": 1 }'",
      /what the schema asks for \(host: .*\), but printed "{ \\"host\\": 1 }\\n"/,
    ],
    ["not UTF-8", "text", "printf '\\377\\376'", "should have printed text in UTF-8"],
    ["a NUL", "text", "printf 'a\\000b'", "text without NUL characters"],
    ["what JSON cannot hold", z.unknown().transform(() => 1n), "echo 1", "what the schema turns into JSON"],
  ])("output that cannot be used is an unknown outcome: %s", async (_, output, line, message) => {
    const shop = workshop();
    shop.script("new", line);
    const provider = shellProvider({ ...shop.options, allocate: "./new", delete: ["true"], output: output as "json" });
    const error = await failure(provider.allocate(request(), context()));
    expect(error.message).toMatch(message);
    expect(error).toMatchObject({ kind: "unknown", made: undefined });
  });

  test("of an unusable output, 200 characters are shown", async () => {
    const shop = workshop();
    shop.script("new", "printf '%0300d' 0");
    const provider = shellProvider({ ...shop.options, allocate: "./new", delete: ["true"], output: z.string() });
    const { message } = await failure(provider.allocate(request(), context()));
    expect(message.match(/0+/)?.[0]).toHaveLength(200);
  });

  test.each([
    [1, "unknown", undefined],
    [2, "unknown", undefined],
    [69, "capacity", undefined],
    [75, "transient", undefined],
    [77, "quota", undefined],
    [78, "permanent", undefined],
    [169, "capacity", "nothing"],
    [175, "transient", "nothing"],
    [177, "quota", "nothing"],
    [178, "permanent", "nothing"],
    [100, "unknown", undefined],
    [127, "unknown", undefined],
  ])("exit code %i is a failure of kind %s, made: %s", async (code, kind, nothing) => {
    const shop = workshop();
    shop.script("new", "echo first >&2; echo 'no such image' >&2; echo data", `exit ${code}`);
    const provider = shellProvider({ ...shop.options, allocate: "./new", delete: ["true"] });
    const error = await failure(provider.allocate(request(), context()));
    expect(error).toMatchObject({ code: "PROVIDER_FAILED", kind, made: nothing });
    expect(error.message).toBe(
      `allocate of ${KEY} failed: exit code ${code}. Its last words:\nfirst\nno such image\nLog: ${shop.path(`state/logs/${KEY}.log`)}`,
    );
  });

  test("a signal that ends the script is named", async () => {
    const shop = workshop();
    shop.script("new", "kill -9 $$");
    const provider = shellProvider({ ...shop.options, allocate: "./new", delete: ["true"] });
    const error = await failure(provider.allocate(request(), context()));
    expect(error.message).toContain("failed: SIGKILL. It said nothing.");
    expect(error).toMatchObject({ kind: "unknown", made: undefined });
  });

  test("of what the script said, the last lines are told, at most 2,048 characters", async () => {
    const shop = workshop();
    shop.script("new", 'for n in $(seq 1 2000); do echo "line $n" >&2; done', "exit 1");
    const provider = shellProvider({ ...shop.options, allocate: "./new", delete: ["true"] });
    const { message } = await failure(provider.allocate(request(), context()));
    const words = message.slice(message.indexOf("\n") + 1, message.lastIndexOf("\n"));
    expect(words.length).toBeLessThanOrEqual(2_048);
    expect(words).toMatch(/^line \d+\n[\s\S]*\nline 2000$/);
  });

  test("params come as JSON; without, the variable isn't there", async () => {
    const shop = workshop();
    shop.script("new", "env | grep ^WARMPOOL_PARAMS || echo none");
    const provider = shellProvider<{ image: string } | void>({ ...shop.options, allocate: "./new", delete: ["true"] });
    const params = { image: "fedora 42" };
    expect(await provider.allocate(request<{ image: string } | void>({ params }), context())).toBe(
      'WARMPOOL_PARAMS={"image":"fedora 42"}',
    );
    expect(await provider.allocate(request<{ image: string } | void>(), context())).toBe("none");
  });

  test("a script that vanished has made nothing", async () => {
    const shop = workshop();
    const provider = shellProvider({
      ...shop.options,
      allocate: shop.script("new", "echo 1"),
      delete: ["true"],
      check: shop.script("check", ":"),
    });
    const { rmSync } = await import("node:fs");
    rmSync(shop.path("new"));
    rmSync(shop.path("check"));
    const error = await failure(provider.allocate(request(), context()));
    expect(error).toMatchObject({ kind: "permanent", made: "nothing" });
    expect(error.message).toBe(`allocate of ${KEY} was not started: there is no file ${shop.path("new")}.`);
    // It says nothing about the resource.
    expect(await provider.check?.(made(""), context())).toMatchObject({ status: "unknown" });
  });
});

describe("commands", () => {
  test("neither a path nor arguments are split or expanded", async () => {
    const shop = workshop();
    shop.script("new one", 'for word; do echo "[$word]"; done');
    const provider = shellProvider({
      ...shop.options,
      allocate: ["./new one", "two words", "$HOME", "*", "a'b\"c", ""],
      delete: "./new one",
    });
    expect(await provider.allocate(request(), context())).toBe("[two words]\n[$HOME]\n[*]\n[a'b\"c]\n[]");
  });

  test("shell: true runs a string as a line, an array still as it is", async () => {
    const shop = workshop();
    const provider = shellProvider({
      ...shop.options,
      shell: true,
      allocate: 'printf "%s" "$WARMPOOL_KEY" | tr a-z A-Z',
      delete: "exit 3",
      find: ["echo", "$WARMPOOL_KEY"],
    });
    expect(await provider.allocate(request(), context())).toBe(KEY.toUpperCase());
    expect(await provider.find?.(KEY, context())).toEqual({ status: "ready", data: "$WARMPOOL_KEY" });
    expect((await failure(provider.delete(unheard(), context()))).message).toContain("exit code 3");
  });

  test("they run in cwd, with an empty stdin", async () => {
    const shop = workshop();
    const provider = shellProvider({ ...shop.options, shell: true, allocate: "pwd -P; cat; echo end", delete: "true" });
    const { realpathSync } = await import("node:fs");
    expect(await provider.allocate(request(), context())).toBe(`${realpathSync(shop.directory)}\nend`);
  });
});

test("members without a command aren't there", () => {
  const shop = workshop();
  const least = shellProvider({ ...shop.options, allocate: ["true"], delete: ["true"] });
  expect(Object.keys(least).sort()).toEqual(["allocate", "delete", "name", "settlesWithin"]);
  expect(least).toMatchObject({ name: "shell", settlesWithin: 0 });
  const commands = { check: ["true"], reset: ["true"], list: ["true"], find: ["true"] } as const;
  const most = shellProvider({
    ...shop.options,
    ...commands,
    allocate: ["true"],
    delete: ["true"],
    name: "rack",
    spec: { image: 7 },
    settlesWithin: "2m",
  });
  expect(Object.keys(most).sort()).toEqual([
    "allocate",
    "check",
    "delete",
    "find",
    "list",
    "name",
    "reset",
    "settlesWithin",
    "spec",
  ]);
  expect(most).toMatchObject({ name: "rack", spec: { image: 7 }, settlesWithin: 120_000 });
});

describe("check", () => {
  test.each([
    [0, "healthy", undefined],
    [1, "unhealthy", "no answer"],
    [75, "unknown", "no answer"],
    [175, "unknown", "no answer"],
    [69, "unhealthy", "no answer"],
  ])("exit code %i: %s", async (code, status, reason) => {
    const shop = workshop();
    shop.script("check", "echo no answer", `exit ${code}`);
    const provider = shellProvider({ ...shop.options, allocate: ["true"], delete: ["true"], check: "./check" });
    const health = await provider.check?.(made("data"), context());
    expect(health).toEqual({ status, ...(reason !== undefined && { reason }) });
  });

  test("without words the exit is the reason", async () => {
    const shop = workshop();
    const provider = shellProvider({ ...shop.options, allocate: ["true"], delete: ["true"], check: ["false"] });
    expect(await provider.check?.(made(""), context())).toEqual({ status: "unhealthy", reason: "exit code 1" });
  });
});

describe("find", () => {
  test.each([
    [0, { status: "ready", data: "data" }],
    [103, { status: "absent" }],
    [104, { status: "pending", data: "data" }],
    [105, { status: "broken", data: "data", reason: "half of it" }],
  ])("exit code %i", async (code, found) => {
    const shop = workshop();
    shop.script("find", "echo half of it >&2; echo data", `exit ${code}`);
    const provider = shellProvider({ ...shop.options, allocate: ["true"], delete: ["true"], find: "./find" });
    expect(await provider.find?.(KEY, context())).toEqual(found);
  });

  test("what isn't ready needs no data", async () => {
    const shop = workshop();
    const options = { ...shop.options, shell: true, allocate: "true", delete: "true", output: "json" } as const;
    expect(await shellProvider({ ...options, find: "exit 104" }).find?.(KEY, context())).toEqual({ status: "pending" });
    const oops = await shellProvider({ ...options, find: "echo oops; exit 105" }).find?.(KEY, context());
    expect(oops).toEqual({ status: "broken" });
    const error = await failure(shellProvider({ ...options, find: "true" }).find!(KEY, context()));
    expect(error.message).toBe(`find of ${KEY} should have printed JSON, but printed nothing.`);
  });

  test.each([1, 3, 4, 44, 127])("exit code %i, as tools have it, is no answer", async (code) => {
    const shop = workshop();
    const options = { ...shop.options, shell: true, allocate: "true", delete: "true", find: `exit ${code}` };
    const error = await failure(shellProvider(options).find!(KEY, context()));
    expect(error.message).toContain(`find of ${KEY} failed: exit code ${code}`);
  });
});

describe("reset and delete", () => {
  test("get the data; what they print goes to the log", async () => {
    const shop = workshop();
    shop.script("clean", 'echo "out $WARMPOOL_COMMAND $WARMPOOL_DATA"; echo err >&2');
    const options = { ...shop.options, allocate: ["true"], delete: "./clean", reset: "./clean" } as const;
    const provider = shellProvider(options);
    expect(await provider.reset?.(made("a b"), context())).toBeUndefined();
    expect(await provider.delete(made("a b"), context())).toBeUndefined();
    expect(shop.log()).toBe("out reset a b\nerr\nout delete a b\nerr\n");
  });

  test.each([
    [1, "unknown"],
    [75, "transient"],
    [178, "permanent"],
  ])("exit code %i is a failure of kind %s", async (code, kind) => {
    const shop = workshop();
    const options = { ...shop.options, shell: true, allocate: "true", delete: `exit ${code}`, reset: `exit ${code}` };
    const provider = shellProvider(options);
    expect(await failure(provider.delete(unheard(), context()))).toMatchObject({ kind, made: undefined });
    expect(await failure(provider.reset!(made(""), context()))).toMatchObject({ kind, made: undefined });
  });
});

test("the key of these tests is one of Warmpool's", () => {
  expect(parseKey(KEY)?.id).toBe(71);
});
