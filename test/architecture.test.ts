/**
 * The style guide as a test (DESIGN §4, STYLE 2 and 18): which part of the core may import which, and what the engine
 * may never call. The rules are functions from a file's text to complaints, so that fixtures can show they complain.
 */
import { globSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const core = "packages/core/src";

/** What each part of the core may import from the others. The files next to `index.ts` count as one part each. */
const arrows: Record<string, readonly string[]> = {
  model: [],
  engine: ["model"],
  store: ["model"],
  provider: ["model"],
  runtime: ["model", "engine", "store", "provider"],
  otel: ["model", "runtime"],
  "index.ts": ["model", "engine", "store", "provider", "runtime"],
};

/** Decides without the world: nothing here may come from Node or from npm. */
const closed = ["engine"];

/** Each also as a member of `globalThis`, `crypto`, `performance` and the like. */
const bannedNames = new Set([
  ..."setTimeout setInterval setImmediate queueMicrotask randomUUID randomBytes getRandomValues hrtime".split(" "),
]);
const bannedMembers = new Set(["Date.now", "Math.random", "performance.now"]);

function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  ts.forEachChild(node, (child) => visit(child, look));
}

function where(source: ts.SourceFile, node: ts.Node): string {
  return `${source.fileName}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

/** Everything a file imports: statements, re-exports, `import("…")` as a call and as a type, `import x = require("…")`. */
function importsOf(source: ts.SourceFile): { to: string; node: ts.Node }[] {
  const found: { to: string; node: ts.Node }[] = [];
  visit(source, (node) => {
    let to: ts.Node | undefined;
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) to = node.moduleSpecifier;
    else if (ts.isExternalModuleReference(node)) to = node.expression;
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) to = node.argument.literal;
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) to = node.arguments[0];
    if (to !== undefined && ts.isStringLiteralLike(to)) found.push({ to: to.text, node });
  });
  return found;
}

/** @param path relative to packages/core/src */
function forbiddenImports(path: string, text: string): string[] {
  const source = parse(path, text);
  const [part = "", ...rest] = path.split("/");
  const allowed = arrows[part];
  if (allowed === undefined) return [`${path}: "${part}" is no known part: give it its arrows in this test`];
  // store/sqlite/worker.ts: the store "sqlite", which may know the interface next to it but no other store.
  const adapter = rest.length > 1 ? rest[0] : undefined;

  return importsOf(source).flatMap(({ to, node }) => {
    if (!to.startsWith(".")) {
      return closed.includes(part)
        ? [`${where(source, node)}: ${part} imports "${to}", which is outside the core`]
        : [];
    }
    const target = posix.join(posix.dirname(path), to);
    const [targetPart = "", ...targetRest] = target.split("/");
    if (targetPart !== part) {
      return allowed.includes(targetPart) ? [] : [`${where(source, node)}: ${part} imports ${target}`];
    }
    const other = targetRest.length > 1 ? targetRest[0] : undefined;
    const isForeignAdapter = (part === "store" || part === "provider") && other !== undefined && other !== adapter;
    return isForeignAdapter ? [`${where(source, node)}: ${path} imports ${target}, another ${part}`] : [];
  });
}

/** Time, randomness, ids and waiting, which the engine must be handed instead. */
function bannedCalls(path: string, text: string): string[] {
  const source = parse(path, text);
  const found: string[] = [];
  visit(source, (node) => {
    const complain = (what: string) => found.push(`${where(source, node)}: ${what}`);
    if (ts.isAwaitExpression(node)) complain("await");
    if (ts.isForOfStatement(node) && node.awaitModifier !== undefined) complain("for await");
    if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.AwaitUsing) === ts.NodeFlags.AwaitUsing) {
      complain("await using");
    }
    if (node.kind === ts.SyntaxKind.AsyncKeyword) complain("async");
    if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === "Date")
      complain("Date");
    if (ts.isPropertyAccessExpression(node)) {
      const member = node.getText().replace(/^globalThis\./, "");
      if (bannedMembers.has(member)) complain(member);
    }
    if (ts.isIdentifier(node) && bannedNames.has(node.text)) complain(node.text);
  });
  return found;
}

/** @param path relative to packages */
function importsThatLeaveThePackage(path: string, text: string): string[] {
  const source = parse(path, text);
  const home = `${path.split("/")[0]}/`;
  return importsOf(source)
    .filter(({ to }) => to.startsWith(".") && !posix.join(posix.dirname(path), to).startsWith(home))
    .map(({ to, node }) => `${where(source, node)}: imports "${to}": say @warmpool/… instead`);
}

/** The sources under `folder`, without their tests. */
function sourcesUnder(folder: string): { path: string; text: string }[] {
  return globSync("**/*.ts", { cwd: `${root}/${folder}`, exclude: ["**/node_modules", "**/dist"] })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !/\.test(-d)?\.ts$/.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(`${root}/${folder}/${path}`, "utf8") }));
}

describe("the sources", () => {
  test("follow the import arrows", () => {
    const files = sourcesUnder(core);
    expect(files.map(({ path }) => path)).toContain("index.ts");
    expect(files.flatMap(({ path, text }) => forbiddenImports(path, text))).toEqual([]);
  });

  test("of the engine know no clock, chance, timer or promise", () => {
    const files = sourcesUnder(`${core}/engine`);
    expect(files).not.toEqual([]);
    expect(files.flatMap(({ path, text }) => bannedCalls(`engine/${path}`, text))).toEqual([]);
  });

  test("reach other packages by name", () => {
    // How they are built, they share.
    const files = sourcesUnder("packages").filter(({ path }) => !path.endsWith("/tsup.config.ts"));
    expect(files.flatMap(({ path, text }) => importsThatLeaveThePackage(path, text))).toEqual([]);
  });
});

describe("the rule about imports", () => {
  test.each([
    ["engine/size.ts", `import { runEffects } from "../runtime/effects.js";`],
    ["engine/size.ts", `import type { Store } from "../store/store.js";`],
    ["engine/size.ts", `export { Store } from "../store/store.js";`],
    ["engine/size.ts", `type S = import("../store/store.js").Store;`],
    ["engine/size.ts", `import { randomUUID } from "node:crypto";`],
    ["engine/size.ts", `import { z } from "zod";`],
    ["engine/deep/size.ts", `import "../../index.js";`],
    ["model/key.ts", `import { size } from "../engine/size.js";`],
    ["store/memory.ts", `import { Runtime } from "../runtime/runtime.js";`],
    ["store/sqlite/index.ts", `const other = await import("../keyv/index.js");`],
    ["provider/factory.ts", `import type { Store } from "../store/store.js";`],
    ["runtime/runtime.ts", `import { createPool } from "../index.js";`],
    ["common/things.ts", ""],
  ])("complains about %s: %s", (path, text) => {
    expect(forbiddenImports(path, text)).toHaveLength(1);
  });

  test.each([
    ["engine/size.ts", `import type { Pool } from "./pool.js"; import { formatKey } from "../model/key.js";`],
    ["store/sqlite/index.ts", `import type { Store } from "../store.js"; import "./worker.js"; import "node:sqlite";`],
    ["runtime/runtime.ts", `import { Engine } from "../engine/engine.js"; import pLimit from "p-limit";`],
    ["index.ts", `export { createPool } from "./runtime/create-pool.js";`],
    ["model/key.ts", `// import "../engine/engine.js"\nconst text = 'import "../engine/engine.js"';`],
  ])("accepts %s: %s", (path, text) => {
    expect(forbiddenImports(path, text)).toEqual([]);
  });

  test("complains about a way round a package's exports", () => {
    expect(importsThatLeaveThePackage("testing/src/a.ts", `import "../../core/src/index.js";`)).toHaveLength(1);
    expect(importsThatLeaveThePackage("testing/src/a.ts", `import "./b.js"; import "@warmpool/core";`)).toEqual([]);
  });
});

describe("the rule about the engine", () => {
  test.each([
    "const now = Date.now();",
    "const now = globalThis.Date.now();",
    "const now = new Date().getTime();",
    "const now = performance.now();",
    "const chance = Math.random();",
    "setTimeout(f, 1);",
    "globalThis.setInterval(f, 1);",
    "const id = crypto.randomUUID();",
    "await f();",
    "for await (const x of y) f(x);",
    "{ await using x = f(); }",
    "const f = async () => {};",
  ])("complains about %s", (text) => {
    expect(bannedCalls("engine/a.ts", text)).toHaveLength(1);
  });

  test.each(["// Date.now() is a lint error", `const text = "await setTimeout";`, "const later = Math.max(nowMs, 1);"])(
    "accepts %s",
    (text) => {
      expect(bannedCalls("engine/a.ts", text)).toEqual([]);
    },
  );
});
