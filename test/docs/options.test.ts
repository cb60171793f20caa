/** docs/guide/options.md has every option that the source has, no other, and says the defaults that are really used. */
import { readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { tryDurationMs } from "../../packages/core/src/model/duration.js";
import { parseManager } from "../../packages/core/src/runtime/manager-options.js";
import { parsePool } from "../../packages/core/src/runtime/pool-options.js";
import { root } from "./pages.js";

const guide = readFileSync(`${root}docs/guide/options.md`, "utf8");

/** The rows of the table below a heading: the default by the option. */
function tableOf(heading: string): Map<string, string> {
  const section = guide.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  const rows = section.matchAll(/^\| `([\w.]+)` \| (.+?) \|/gm);
  return new Map([...rows].map(([, option = "", given = ""]) => [option, given]));
}

function interfacesOf(file: string): Map<string, ts.InterfaceDeclaration> {
  const path = `${root}packages/core/src/runtime/${file}`;
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  return new Map(source.statements.filter(ts.isInterfaceDeclaration).map((each) => [each.name.text, each]));
}

/** The members of interfaces of core's sources, those of nested objects with their path; whether each is required. */
function membersOf(file: string, ...names: string[]): Map<string, { required: boolean }> {
  const interfaces = new Map([
    ...interfacesOf("reuse-options.ts"),
    ...interfacesOf("condition-options.ts"),
    ...interfacesOf(file),
  ]);
  const found = new Map<string, { required: boolean }>();
  const collect = (members: readonly ts.TypeElement[], prefix: string) => {
    for (const member of members) {
      const name = `${prefix}${member.name?.getText()}`;
      if (ts.isMethodSignature(member))
        found.set(name, { required: prefix === "" && member.questionToken === undefined });
      if (!ts.isPropertySignature(member) || member.type === undefined) continue;
      const { type } = member;
      if (type.kind === ts.SyntaxKind.NeverKeyword) continue;
      // Where an object is one of several ways to say it, its options stand below the option itself.
      const ways = ts.isUnionTypeNode(type) ? [...type.types] : [type];
      const nested = ways.map((way) => (ts.isTypeLiteralNode(way) ? way : interfaces.get(way.getText())));
      for (const object of nested) if (object !== undefined) collect([...object.members], `${name}.`);
      if (nested.includes(undefined))
        found.set(name, { required: prefix === "" && member.questionToken === undefined });
    }
  };
  for (const name of names) collect([...(interfaces.get(name)?.members ?? [])], "");
  return found;
}

const provider = { name: "p", async allocate() {}, async delete() {}, async check() {} };

const OFF = Symbol("off");

/** What an option is when it is left out, as the engine and the runtime get it. */
function actual(parsed: object, path: string): unknown {
  let at: unknown = parsed;
  const keys = path.split(".");
  for (const [index, key] of keys.entries()) {
    // A group that has no default at all: none of its options is set.
    const object = (at ?? {}) as Record<string, unknown>;
    at = index === keys.length - 1 && `${key}Ms` in object ? object[`${key}Ms`] : object[key];
    // An option of something that is off unless it is asked for.
    if (at === undefined && index < keys.length - 1) return OFF;
  }
  return at;
}

const { policy, ...pool } = parsePool("p", { provider, max: 7 } as never, false);
const { policyOf, ...manager } = parseManager({});
const ofProvider = policyOf(provider as never);

describe.each([
  ["A pool", "pool-options.ts", ["PoolOptions"], { ...policy, ...pool }],
  [
    "A manager",
    "manager-options.ts",
    ["ManagerOptions"],
    { ...manager, reap: ofProvider.reap, events: parseManager({ events: {} }).events },
  ],
  ["All pools of a provider", "manager-options.ts", ["ProviderOptions"], ofProvider],
  ["acquire", "acquire-options.ts", ["Selection", "Wishes", "AcquireOptions"], undefined],
  ["request", "acquire-options.ts", ["Selection", "Wishes", "RequestOptions"], undefined],
  ["close", "close-options.ts", ["CloseOptions"], undefined],
] as const)("the table of %s", (heading, file, interfaces, parsed) => {
  const table = tableOf(heading);
  const members = membersOf(file, ...interfaces);

  test("has every option, and no other", () => {
    expect([...table.keys()].sort()).toEqual([...members.keys()].sort());
  });

  test("says which are required", () => {
    const required = [...table].filter(([, given]) => given === "required").map(([option]) => option);
    expect(required).toEqual([...members].filter(([, member]) => member.required).map(([option]) => option));
  });

  test("says the defaults", () => {
    if (parsed === undefined) return;
    for (const [option, given] of table) {
      const value = actual(parsed, option);
      if (value === OFF) continue;
      const literal = /^`(".*"|[\d.]+|true|false)`$/.exec(given)?.[1];
      if (literal !== undefined) {
        const told = JSON.parse(literal) as unknown;
        expect([option, value]).toEqual([option, tryDurationMs(told) ?? told]);
      } else if (given === "no limit") {
        expect([option, value ?? Number.POSITIVE_INFINITY]).toEqual([option, Number.POSITIVE_INFINITY]);
      } else if (given === "none" && Array.isArray(value)) {
        expect([option, value]).toEqual([option, []]);
      } else if (given === "none") {
        expect([option, value]).toEqual([option, undefined]);
      }
    }
  });
});

test("the words about lease.ttl are true", () => {
  const durable = parsePool("p", { provider, max: 7 } as never, true);
  expect([policy.lease.ttlMs, durable.policy.lease.ttlMs]).toEqual([undefined, 120_000]);
});
