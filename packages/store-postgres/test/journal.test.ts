import type { Change, StoreSession } from "@warmpool/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { migratePostgres, postgresStore } from "../src/index.js";
import { Journal, written } from "../src/journal.js";
import { committed } from "./committed.js";
import { TrialSchema } from "./trial-schema.js";

let trial: TrialSchema;

beforeEach(() => {
  trial = new TrialSchema();
});

afterEach(() => trial.drop());

const put = (id: number, value: unknown = id, kind: Change["kind"] = "ticket"): Change => ({
  kind,
  id,
  record: JSON.stringify({ v: 1, value }),
});
const drop = (id: number, kind: Change["kind"] = "ticket"): Change => ({ kind, id, record: null });
/** More than a journal takes: the batch is folded. */
const MANY = Array.from({ length: 2_001 }, (_, n) => put(n + 1));

async function open(): Promise<{ session: StoreSession; kept: Map<string, string> }> {
  const session = await postgresStore(trial.url, { schema: trial.schema, leaderTtl: "1s" }).open("web");
  const kept = new Map<string, string>();
  for await (const chunk of session.load()) {
    for (const { kind, id, record } of chunk) {
      expect(kept.has(`${kind} ${id}`)).toBe(false);
      kept.set(`${kind} ${id}`, record);
    }
  }
  return { session, kept };
}

const count = async (table: "record" | "journal") =>
  (await trial.query(`SELECT count(*)::int AS count FROM $schema.${table}`))[0]?.["count"];
const commit = (session: StoreSession, number: number, changes: readonly Change[]) =>
  session.commit({ epoch: session.epoch, number, changes });

/** As `committed` tells it. */
const content = (...changes: readonly Change[]) =>
  new Map(changes.map(({ kind, id, record }) => [`${kind} ${id}`, record]));

test("small batches are a row of the journal each, and touch no record", async () => {
  const { session } = await open();
  await commit(session, 1, [put(1), put(2)]);
  await commit(session, 2, [drop(1), put(2, "again")]);
  expect([await count("journal"), await count("record")]).toEqual([2, 0]);
  await session.close();
  const { session: next, kept } = await open();
  expect(kept).toEqual(content(put(2, "again")));
  await next.close();
});

test("what it says of records is true over those of the table, in every epoch", async () => {
  const { session } = await open();
  await commit(session, 1, MANY);
  expect([await count("journal"), await count("record")]).toEqual([0, MANY.length]);
  await commit(session, 2, [drop(1), put(2, "in the first epoch"), put(3, "there too"), put(9_001), put(9_002)]);
  await session.close();

  const { session: second } = await open();
  await commit(second, 1, [put(3, "in the second epoch"), drop(9_001), put(1, "once more")]);
  expect(await count("journal")).toBe(2);
  await second.close();

  const { session: third, kept } = await open();
  const expected = content(
    ...[put(1, "once more"), put(2, "in the first epoch"), put(3, "in the second epoch"), ...MANY.slice(3), put(9_002)],
  );
  expect(kept).toEqual(expected);
  expect(await committed(trial)).toEqual(expected);
  await third.close();
});

test("a fold writes what earlier epochs left as well, and only what is still there", async () => {
  const { session } = await open();
  await commit(session, 1, [put(1), put(2), put(3, "stays", "resource")]);
  await session.close();
  const { session: second } = await open();
  await commit(second, 1, [drop(1), put(5_000)]);
  await commit(second, 2, [drop(5_000)]);
  await commit(
    second,
    3,
    MANY.map(({ id }) => put(id + 10_000)),
  );
  expect(await count("journal")).toBe(0);
  expect(await count("record")).toBe(MANY.length + 2);
  await commit(second, 4, [drop(2), drop(10_001)]);
  await second.close();
  const { session: third, kept } = await open();
  expect(kept).toEqual(content(put(3, "stays", "resource"), ...MANY.slice(1).map(({ id }) => put(id + 10_000))));
  await third.close();
});

test("many small batches are folded too", async () => {
  const { session } = await open();
  for (let number = 1; number <= 1_001; number += 1) await commit(session, number, [put(number % 3, number)]);
  expect([await count("journal"), await count("record")]).toEqual([0, 3]);
  expect(await committed(trial)).toEqual(content(put(0, 999), put(1, 1_000), put(2, 1_001)));
  await session.close();
});

test("whoever has not loaded the records folds nothing: he does not know what the journal says", async () => {
  const { session } = await open();
  await commit(session, 1, [put(1)]);
  await session.close();
  const unloaded = await postgresStore(trial.url, { schema: trial.schema }).open("web");
  await commit(
    unloaded,
    1,
    MANY.map(({ id }) => put(id + 1)),
  );
  expect([await count("journal"), await count("record")]).toEqual([2, 0]);
  await unloaded.close();
});

test("a fold of a former leader writes nothing", async () => {
  const { session } = await open();
  await commit(session, 1, [put(1)]);
  await trial.query("UPDATE $schema.namespace SET epoch = epoch + 1, last_batch = 0");
  await expect(commit(session, 2, MANY)).rejects.toMatchObject({ code: "FENCED" });
  expect([await count("journal"), await count("record")]).toEqual([1, 0]);
  await session.close();
});

test("a batch that was written without an answer is recognised when it comes again as a fold", async () => {
  const { session } = await open();
  await commit(session, 1, [put(1, "before")]);
  // Its answer was lost.
  await trial.query(`
    INSERT INTO $schema.journal SELECT namespace, epoch, 2, '${written(MANY)}' FROM $schema.journal`);
  await trial.query("UPDATE $schema.namespace SET last_batch = 2");
  await commit(session, 2, MANY);
  expect(await count("journal")).toBe(2);
  // It does not believe that the journal is empty: the next batch is folded, with everything.
  await commit(session, 3, [put(1, "after")]);
  expect(await count("journal")).toBe(0);
  expect(await committed(trial)).toEqual(content(put(1, "after"), ...MANY.slice(1)));
  await session.close();
});

test("going back to the version before writes the journal into the records; going forward again loses nothing", async () => {
  const { session } = await open();
  await commit(session, 1, [...MANY, put(1, "one", "resource")]);
  const odd = { text: "\u001e \u0000 \n ü 'quoted' \\ $1", more: [null, true] };
  await commit(session, 2, [drop(1), put(2, odd), put(7_000), put(1, "two", "resource")]);
  await session.close();
  const { session: second } = await open();
  await commit(second, 1, [put(3, "later"), drop(7_000), put(8_000), drop(8_000), put(8_001, odd)]);
  await second.close();
  const before = await committed(trial);
  expect(before.size).toBe(MANY.length + 1);

  await migratePostgres(trial.url, { schema: trial.schema, to: 2 });
  const rows = await trial.query("SELECT kind, id, record FROM $schema.record");
  const names = ["", "resource", "ticket"];
  expect(new Map(rows.map(({ kind, id, record }) => [`${names[kind as number]} ${id}`, record]))).toEqual(before);
  await migratePostgres(trial.url, { schema: trial.schema });
  const { session: third, kept } = await open();
  expect(kept).toEqual(before);
  await third.close();
});

test("what came and went between two folds is written nowhere", () => {
  const journal = new Journal();
  journal.load([written([put(1)])]);
  expect(journal.overlay({ kind: "ticket", id: 1, record: "old" })).toEqual({ ...put(1) });
  expect(journal.loaded()).toEqual([]);
  journal.take([put(2), put(3)], 0);
  journal.take([drop(2), drop(1), put(3, "again")], 0);
  expect(journal.fold()).toEqual([[2], [1], [2], [3], [put(3, "again").record]]);
  journal.folded();
  expect(journal.fold()).toEqual([[], [], [], [], []]);
  // By now the table has it.
  journal.take([drop(3)], 0);
  expect(journal.fold()).toEqual([[2], [3], [], [], []]);
});

test("a number that is used again is dropped, for it may be in the table", () => {
  const journal = new Journal();
  journal.loaded();
  journal.take([put(5)], 0);
  journal.take([drop(5)], 0);
  journal.take([put(5)], 0);
  journal.take([drop(5)], 0);
  expect(journal.fold()).toEqual([[2], [5], [], [], []]);
});

test("a fold whose answer was lost may have been done: what is dropped after it is dropped from the records, too", () => {
  const journal = new Journal();
  journal.loaded();
  journal.take([put(5)], 0);
  expect(journal.fold()).toEqual([[], [], [2], [5], [put(5).record]]);
  journal.take([drop(5)], 0);
  expect(journal.fold()).toEqual([[2], [5], [], [], []]);
});
