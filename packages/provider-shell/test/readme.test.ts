import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { COMMAND_NAMES } from "../src/command.js";
import { environmentOf } from "../src/environment.js";
import { shellProvider } from "../src/index.js";
import { parseOptions } from "../src/parse-options.js";
import { context, KEY, made, request, runs, unheard, until, type Workshop, workshop } from "./workshop.js";

const readme = readFileSync(fileURLToPath(new URL("../README.md", import.meta.url)), "utf8");

/** Writes the files that the README shows (a block's info string ends with the name) and returns their names. */
function writeFiles(shop: Workshop): string[] {
  const blocks = [...readme.matchAll(/^```\w+ (\S+)\n(.*?)^```$/gms)];
  return blocks.map(([, name = "", content = ""]) => {
    writeFileSync(shop.path(name), content);
    chmodSync(shop.path(name), 0o755);
    return name;
  });
}

test("the scripts of the guide do what it says", async () => {
  const shop = workshop();
  expect(writeFiles(shop)).toEqual(["server.mjs", "start.sh", "stop.sh", "check.sh", "find.sh", "list.sh"]);
  mkdirSync(shop.path("servers"));
  const provider = shellProvider({
    ...shop.options,
    allocate: "./start.sh",
    delete: "./stop.sh",
    check: "./check.sh",
    find: "./find.sh",
    list: "./list.sh",
    env: { SERVERS: shop.path("servers") },
  });
  expect(await provider.find?.(KEY, context())).toEqual({ status: "absent" });
  expect(await Array.fromAsync(provider.list!(context()))).toEqual([]);
  await provider.delete(unheard(), context());

  const url = await provider.allocate(request(), context());
  const pid = await shop.pid(`servers/${KEY}/pid`);
  expect(await (await fetch(url)).text()).toBe("hello\n");
  expect(await provider.check?.(made(url), context())).toEqual({ status: "healthy" });
  expect(await provider.find?.(KEY, context())).toEqual({ status: "ready", data: url });
  expect(await Array.fromAsync(provider.list!(context()))).toEqual([{ key: KEY }]);

  await provider.delete(made(url), context());
  await until("the end of the server", () => !runs(pid));
  const health = await provider.check?.(made(url), context());
  expect(health).toMatchObject({ status: "unhealthy", reason: expect.stringContaining("curl") });
  expect(await provider.find?.(KEY, context())).toEqual({ status: "absent" });

  mkdirSync(shop.path(`servers/${KEY}`));
  expect(await provider.find?.(KEY, context())).toEqual({ status: "broken" });
  await provider.delete(unheard(), context());
  expect(await Array.fromAsync(provider.list!(context()))).toEqual([]);
});

test("a server that doesn't start is a failure, with its words", async () => {
  const shop = workshop();
  writeFiles(shop);
  writeFileSync(shop.path("server.mjs"), "throw new Error('no port left')");
  const env = { SERVERS: shop.path("servers") };
  const provider = shellProvider({ ...shop.options, allocate: "./start.sh", delete: "./stop.sh", env });
  await expect(provider.allocate(request(), context())).rejects.toThrow("no port left");
});

test("the guide's call of shellProvider has options that exist", () => {
  const shop = workshop();
  writeFiles(shop);
  const call = /shellProvider\((\{\n.*?\n {2}\})\)/s.exec(readme)?.[1] ?? "";
  const options = new Function(`return ${call}`)();
  expect(() => shellProvider({ ...shop.options, ...options })).not.toThrow();
});

/** The first cells of the rows of the table below a heading, without backquotes. */
function firstCells(heading: string): string[] {
  const section = readme.slice(readme.indexOf(`\n${heading}\n`) + heading.length + 2).split(/^#+ /m)[0]!;
  const cells = [...section.matchAll(/^\| (.*?) \|/gm)].slice(1).flatMap(([, cell = ""]) => cell.split(", "));
  return cells.map((cell) => cell.replaceAll("`", ""));
}

test("the table of options is complete", () => {
  const settings = parseOptions({ allocate: ["true"], delete: ["true"] });
  const named = Object.keys(settings)
    .map((name) => name.replace(/Ms$/, ""))
    .filter((name) => name !== "commands" && name !== "runningDirectory");
  expect(firstCells("## Options").sort()).toEqual([...named, ...COMMAND_NAMES, "shell"].sort());
});

test("the table of variables is complete", () => {
  const facts = {
    command: "allocate",
    epoch: 1,
    key: KEY,
    id: 1,
    pool: "p",
    slot: 0,
    namespace: "n",
    expiresAtMs: 1,
    params: "{}",
    data: "d",
  } as const;
  const variables = Object.keys(environmentOf(facts, {}, {}));
  const counters = ["WARMPOOL_COUNTER_…", "RESALLOC_NAMED_COUNTER_…"];
  expect(firstCells("### What a script sees").sort()).toEqual(
    [...[...variables, ...counters].filter((name) => name.startsWith("WARMPOOL_")), "RESALLOC_…"].sort(),
  );
  for (const name of [...variables, ...counters]) expect(readme).toContain(`| \`${name}\``);
});
