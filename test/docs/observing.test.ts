/** docs/guide/observing.md names every event and every metric, and no other. */
import { readFileSync } from "node:fs";
import { createNoopMeter } from "@opentelemetry/api";
import ts from "typescript";
import { expect, test } from "vitest";
import { instrumentsOf } from "../../packages/core/src/otel/instruments.js";
import { root } from "./pages.js";

const guide = readFileSync(`${root}docs/guide/observing.md`, "utf8");

/** The rows of the table with a given first heading, without backquotes. */
function rowsOf(heading: string): string[][] {
  const table = guide.split(`| ${heading} |`)[1]?.split("\n\n")[0] ?? "";
  const rows = table.split("\n").slice(2);
  return rows.map((row) =>
    row
      .slice(2, -2)
      .split(" | ")
      .map((cell) => cell.replaceAll("`", "")),
  );
}

test("the table of events is complete", () => {
  const path = `${root}packages/core/src/model/event.ts`;
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest);
  const types = source.statements
    .filter(ts.isInterfaceDeclaration)
    .filter(({ name }) => name.text === "EventData")
    .flatMap(({ members }) => members.map(({ name }) => (name as ts.StringLiteral).text));
  const named = rowsOf("event").flatMap(([first = ""]) => first.split(", "));
  expect(named.sort()).toEqual(types.sort());
});

test("the table of metrics is complete", () => {
  const made: string[] = [];
  const noting = (kind: string) => (name: string, options?: { unit?: string }) => {
    made.push(`${name} ${kind} ${options?.unit}`);
    return {} as never;
  };
  instrumentsOf({
    ...createNoopMeter(),
    createHistogram: noting("histogram"),
    createObservableCounter: noting("counter"),
    createObservableUpDownCounter: noting("up-down counter"),
  });
  expect(rowsOf("metric").map((row) => row.slice(0, 3).join(" "))).toEqual(made);
});
