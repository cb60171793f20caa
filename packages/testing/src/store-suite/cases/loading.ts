import assert from "node:assert/strict";
import type { Change, RecordKind } from "@warmpool/core";
import type { StoreCase } from "../case.js";
import { commit, content, contentOf, load, put } from "../trial.js";

/** Texts that something between here and the disk may want to improve. All are JSON. */
const DELICATE: readonly string[] = [
  // A JSON column sorts keys, drops doubles and spaces, and writes numbers its own way.
  '{"z":1,"a":2,"z":3}',
  '{ "v" : 1 ,\n\t"spaced" : [ ] }',
  "[1.0, 1e3, -0, 1E400, 0.1000, 12345678901234567890]",
  '{"v":1,"of a later release":{"nested":[null,true,{}]},"":""}',
  // Escapes that some databases refuse, and ones that mean the same as a plain letter.
  '"\\u0000 \\ud800 \\u0041 \\/ \\u2028"',
  // Letters of one to four bytes, a combining mark that must not be composed, a byte order mark, a line separator.
  '"aä€😀 e\u0301 \ufeff \u2028 \u00a0"',
  // What quoting gets wrong.
  `"' \\" \\\\ ; -- /* $1 ? :a %s \${x} \\n"`,
  "null",
  '""',
  "0",
];

/** What comes back. */
export const loadingCases = {
  "a new namespace is empty": {
    async run(trial) {
      assert.deepEqual(await contentOf(await trial.open()), {});
    },
  },

  "records come back byte for byte": {
    async run(trial) {
      const session = await trial.open();
      const changes = DELICATE.map((record, index): Change => ({ kind: "ticket", id: index + 1, record }));
      await commit(session, 1, changes);
      assert.deepEqual(await trial.kept(session), content(...changes));
    },
  },

  "a long record comes back whole": {
    async run(trial) {
      const session = await trial.open();
      const long = put(1, "a long text, häufig in 3 € packs 😀. ".repeat(60_000));
      await commit(session, 1, [long, put(2)]);
      const kept = await trial.kept(session);
      // Not deepEqual: on failure it would print two megabytes.
      assert.ok(kept["resource 1"] === long.record, "the long record came back changed");
      assert.equal(Object.keys(kept).length, 2);
    },
  },

  "10,000 records load completely, each once": {
    async run(trial) {
      const kinds: readonly RecordKind[] = ["resource", "ticket"];
      const session = await trial.open();
      const expected: Change[] = [{ kind: "counters", id: 1, record: "{}" }];
      await commit(session, 1, expected);
      for (let number = 2; number <= 11; number += 1) {
        // With gaps between the numbers, and not in their order.
        const ids = Array.from({ length: 500 }, (_, index) => ((index * 7) % 500) * 20 + number);
        const changes = ids.flatMap((id) => kinds.map((kind) => put(id, "one of many", kind)));
        await commit(session, number, changes);
        expected.push(...changes);
      }
      const reopened = await trial.again(session);
      const found = new Set((await load(reopened)).map(({ kind, id }) => `${kind} ${id}`));
      const missing = expected.filter(({ kind, id }) => !found.has(`${kind} ${id}`));
      assert.equal(missing.length, 0, `${missing.length} of ${expected.length} records are missing`);
      assert.deepEqual(await trial.kept(reopened), content(...expected));
    },
  },

  "kinds do not share their numbers": {
    async run(trial) {
      const session = await trial.open();
      const changes = [put(1, "a", "resource"), put(1, "b", "ticket"), put(1, "c", "counters"), put(1, "d", "event")];
      await commit(session, 1, changes);
      assert.deepEqual(await trial.kept(session), content(...changes));
    },
  },

  "numbers up to the largest safe integer are kept apart": {
    async run(trial) {
      const session = await trial.open();
      const ids = [0, 1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER];
      const changes = ids.map((id) => put(id));
      await commit(session, 1, changes);
      assert.deepEqual(await trial.kept(session), content(...changes));
    },
  },

  "loading can be given up halfway": {
    async run(trial) {
      const session = await trial.open();
      const changes = Array.from({ length: 5_000 }, (_, index) => put(index));
      await commit(session, 1, changes);
      const reopened = await trial.again(session);
      for await (const chunk of reopened.load()) {
        assert.ok(chunk.length > 0);
        break;
      }
      await commit(reopened, 1, [put(5_000)]);
      assert.equal(Object.keys(await trial.kept(reopened)).length, 5_001);
    },
  },
} as const satisfies Record<string, StoreCase>;
