/** docs/guide/coming-from.md names every option of the pools that people come from, and no other. */
import { readFileSync } from "node:fs";
import ts from "typescript";
import { expect, test } from "vitest";
import { root } from "./pages.js";

const guide = readFileSync(`${root}docs/guide/coming-from.md`, "utf8");

/** The names in the first column of a table. */
function namesIn(heading: string): string[] {
  const table = guide.split(`| ${heading} | here |\n|---|---|\n`)[1]?.split("\n\n")[0] ?? "";
  return table
    .split("\n")
    .flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`(\w+)/g)].map(([, name = ""]) => name));
}

/** The members of interfaces and classes that a package declares, without those that it hides. */
function declaredIn(file: string, ...names: string[]): string[] {
  const path = `${root}node_modules/${file}`;
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const all = source.statements
    .filter((each) => ts.isInterfaceDeclaration(each) || ts.isClassDeclaration(each))
    .filter(({ name }) => names.includes(name?.text ?? ""))
    .flatMap(({ members }) => [...members] as (ts.TypeElement | ts.ClassElement)[])
    .filter(
      (member) => (ts.getCombinedModifierFlags(member) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) === 0,
    )
    .map(({ name }) => name?.getText() ?? "")
    .filter((name) => name !== "" && !name.startsWith("_"));
  return [...new Set(all)];
}

// What its declarations lack and its README has.
const untyped = ["destroyTimeoutMillis", "Promise"];

test.each([
  ["option of generic-pool", [...declaredIn("generic-pool/index.d.ts", "Options"), ...untyped]],
  ["option of tarn", declaredIn("tarn/dist/Pool.d.ts", "PoolOptions")],
  ["option of lightning-pool", declaredIn("lightning-pool/types.d.ts", "PoolFactory", "PoolConfiguration")],
])("the table of every %s is complete", (heading, declared) => {
  expect(namesIn(heading).sort()).toEqual(declared.sort());
});

test.each([
  [
    "member of generic-pool",
    declaredIn("generic-pool/index.d.ts", "Pool"),
    ["factoryCreateError", "factoryDestroyError"],
  ],
  // Listeners are taken off as in every emitter.
  [
    "member of tarn",
    declaredIn("tarn/dist/Pool.d.ts", "Pool").filter((name) => !name.startsWith("remove")),
    ["acquire", "acquire"],
  ],
  ["member of lightning-pool", declaredIn("lightning-pool/pool.d.ts", "Pool"), []],
])("the table of every %s is complete", (heading, declared, beside) => {
  expect(namesIn(heading).sort()).toEqual([...declared, ...beside].sort());
});
