import { describe, expect, test } from "vitest";
import { z } from "zod";
import { failure } from "../test/trouble.js";
import { context, KEY, type Warning, workshop } from "../test/workshop.js";
import { shellProvider } from "./provider.js";

describe("list", () => {
  const other = "wp-abcdefgh-123456-20";

  test("a key a line", async () => {
    const shop = workshop();
    shop.script("list", `echo ${KEY}`, "echo", `echo '  web_00000012  '`, `printf '%s' ${other}`);
    const provider = shellProvider({ ...shop.options, allocate: ["true"], delete: ["true"], list: "./list" });
    expect(await Array.fromAsync(provider.list!(context()))).toEqual([
      { key: KEY },
      { key: "web_00000012" },
      { key: other },
    ]);
  });

  test("nothing", async () => {
    const shop = workshop();
    const provider = shellProvider({ ...shop.options, allocate: ["true"], delete: ["true"], list: ["true"] });
    expect(await Array.fromAsync(provider.list!(context()))).toEqual([]);
  });

  test("an object a line, when data isn't text", async () => {
    const shop = workshop();
    const tags = { pool: "web", epoch: 3, colour: "blue", namespace: 7 };
    const line = JSON.stringify({ key: KEY, data: { host: "h" }, createdAtMs: 5, tags });
    shop.script("list", `echo '${line}'`, `echo ${other}`);
    const output = z.object({ host: z.string() });
    const provider = shellProvider({ ...shop.options, allocate: ["true"], delete: ["true"], list: "./list", output });
    expect(await Array.fromAsync(provider.list!(context()))).toEqual([
      { key: KEY, data: { host: "h" }, createdAtMs: 5, tags: { pool: "web", epoch: 3 } },
      { key: other },
    ]);
  });

  test("of a thing whose data doesn't fit, the key counts", async () => {
    const shop = workshop();
    shop.script("list", `echo '{ "key": "${KEY}", "data": 5 }'`);
    const options = {
      ...shop.options,
      allocate: ["true"],
      delete: ["true"],
      list: "./list",
      output: z.string(),
    } as const;
    const warnings: Warning[] = [];
    expect(await Array.fromAsync(shellProvider(options).list!(context({ warnings })))).toEqual([{ key: KEY }]);
    expect(warnings).toMatchObject([{ fields: { key: KEY } }]);
  });

  test.each([
    [
      "half an object",
      `echo '{ "key": '`,
      'list expected a key or an object of JSON in each line, but printed "{ \\"key\\":".',
    ],
    ["no key", 'echo \'{ "name": "a" }\'', 'expected a "key" that is a string'],
    ["a control character", "printf 'a\\033[0m\\n'", "expected a key in each line"],
    [
      "an exit code",
      `echo ${KEY}; echo no network >&2; exit 75`,
      "list failed: exit code 75. Its last words:\nno network",
    ],
  ])("one bad line makes the listing worthless: %s", async (_, line, message) => {
    const shop = workshop();
    shop.script("list", line);
    const options = { ...shop.options, allocate: ["true"], delete: ["true"], list: "./list", output: "json" } as const;
    const listed: unknown[] = [];
    const read = async () => {
      for await (const item of shellProvider(options).list!(context())) listed.push(item);
    };
    expect((await failure(read())).message).toContain(message);
    expect(listed).toEqual([]);
  });

  test("it may print more than outputLimit, up to 16 MiB", async () => {
    const shop = workshop();
    const options = { ...shop.options, shell: true, allocate: "true", delete: "true", outputLimit: 10 } as const;
    const listed = await Array.fromAsync(shellProvider({ ...options, list: "seq 1 20000" }).list!(context()));
    expect(listed).toHaveLength(20_000);
    const error = await failure(
      Array.fromAsync(shellProvider({ ...options, list: "yes | head -c 17000000" }).list!(context())),
    );
    expect(error.message).toContain("printed more than the 16777216 bytes");
  });
});
