import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { APPLICATION_ID, type Migration, migrate, migrations, SCHEMA_VERSION, schemaVersion } from "./migrations.js";

test("the steps count from 1 without gaps, so that a file's version says which are done", () => {
  expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1));
  expect(SCHEMA_VERSION).toBe(migrations.length);
});

test("a new file becomes Warmpool's, of the newest version", () => {
  const database = new DatabaseSync(":memory:");
  migrate(database);
  expect(schemaVersion(database)).toBe(SCHEMA_VERSION);
  expect(database.prepare("PRAGMA application_id").get()).toEqual({ application_id: APPLICATION_ID });
});

const steps: readonly Migration[] = [
  { version: 1, sql: "CREATE TABLE one (a)" },
  { version: 2, sql: "CREATE TABLE two (a); INSERT INTO one VALUES ('from step 2')" },
  { version: 3, sql: "INSERT INTO two SELECT a FROM one" },
];

test("a file takes only the steps that it has not taken", () => {
  const database = new DatabaseSync(":memory:");
  migrate(database, steps.slice(0, 1));
  migrate(database, steps);
  migrate(database, steps);
  expect(database.prepare("SELECT a FROM two").all()).toEqual([{ a: "from step 2" }]);
});

test("a step that fails leaves the file at the version before it", () => {
  const database = new DatabaseSync(":memory:");
  const broken = { version: 2, sql: "CREATE TABLE two (a); INSERT INTO nowhere VALUES (1)" };
  expect(() => migrate(database, [...steps.slice(0, 1), broken])).toThrow(/nowhere/);
  expect(schemaVersion(database)).toBe(1);
  migrate(database, steps);
  expect(schemaVersion(database)).toBe(3);
});
