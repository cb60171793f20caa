/** docs/guide/acquire-hangs.md has a section for each kind of obstacle, and for nothing else. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { root } from "./pages.js";

const guide = readFileSync(`${root}docs/guide/acquire-hangs.md`, "utf8");
const source = readFileSync(`${root}packages/core/src/engine/obstacle.ts`, "utf8");
const obstacles = source.split("export type Obstacle =")[1]?.split("\n\n")[0] ?? "";
const kinds = [...obstacles.matchAll(/readonly why: "([\w-]+)"/g)].map(([, kind]) => kind);

test("each kind of obstacle has its section", () => {
  expect(kinds.length).toBeGreaterThan(5);
  expect([...guide.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading).sort()).toEqual(kinds.sort());
});

test("the table names each kind of obstacle", () => {
  expect([...guide.matchAll(/^\| \[`([\w-]+)`\]/gm)].map(([, kind]) => kind).sort()).toEqual(kinds.sort());
});
