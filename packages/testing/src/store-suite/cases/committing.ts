import assert from "node:assert/strict";
import type { Change, RecordKind } from "@warmpool/core";
import type { StoreCase } from "../case.js";
import { commit, content, contentOf, drop, put, refused } from "../trial.js";

/** Batches: whole, in order, once. */
export const committingCases = {
  "a batch is all or nothing": {
    async run(trial) {
      const session = await trial.open();
      await commit(session, 1, [put(1)]);
      const broken: Change = {
        kind: "resource",
        id: 3,
        get record(): string {
          throw new Error("this record cannot be read");
        },
      };
      await refused("a batch with an unreadable record", () => commit(session, 2, [drop(1), put(2), broken, put(4)]));
      // The same number, since that batch did not happen.
      await commit(session, 2, [put(5)]);
      assert.deepEqual(await trial.kept(session), content(put(1), put(5)));
    },
  },

  "a batch that the store cannot write leaves nothing": {
    async run(trial) {
      const session = await trial.open();
      const changes = [put(1), { kind: "no such kind" as RecordKind, id: 2, record: "{}" }, put(3)];
      const accepted = await commit(session, 1, changes).then(
        () => true,
        () => false,
      );
      // A store that looks at nothing may take it: then all of it.
      if (accepted) return;
      await commit(session, 1, [put(4)]);
      assert.deepEqual(await trial.kept(session), content(put(4)));
    },
  },

  "a batch of 20,000 changes is committed whole": {
    async run(trial) {
      const session = await trial.open();
      const changes = Array.from({ length: 20_000 }, (_, index) => put(index));
      await commit(session, 1, changes);
      const kept = await trial.kept(session);
      assert.equal(Object.keys(kept).length, changes.length);
    },
  },

  "the changes of a batch apply in their order": {
    async run(trial) {
      const session = await trial.open();
      await commit(session, 1, [put(3), put(4, "before")]);
      await commit(session, 2, [
        ...[put(1, "first"), put(1, "second"), put(1, "third")],
        ...[put(2), drop(2)],
        ...[drop(3), put(3, "again")],
        ...[put(4, "between"), drop(4), put(4, "after")],
        ...[put(5), drop(5), put(5), drop(5)],
      ]);
      assert.deepEqual(await trial.kept(session), content(put(1, "third"), put(3, "again"), put(4, "after")));
    },
  },

  "later batches replace and drop what earlier ones put": {
    async run(trial) {
      const session = await trial.open();
      await commit(session, 1, [put(1), put(2), put(3), put(2, "a ticket", "ticket")]);
      await commit(session, 2, [put(1, "replaced"), drop(2)]);
      await commit(session, 3, [put(4), drop(3)]);
      const expected = content(put(1, "replaced"), put(4), put(2, "a ticket", "ticket"));
      const reopened = await trial.again(session);
      assert.deepEqual(await contentOf(reopened), expected);
      // Nor does what was dropped come back later.
      await commit(reopened, 1, [drop(4), drop(2, "ticket")]);
      assert.deepEqual(await trial.kept(reopened), content(put(1, "replaced")));
    },
  },

  "dropping a record that isn't there is no error": {
    async run(trial) {
      const session = await trial.open();
      await commit(session, 1, [drop(1), put(2), drop(3, "ticket")]);
      await commit(session, 2, [drop(1)]);
    },
  },

  "an empty batch counts": {
    async run(trial) {
      const session = await trial.open();
      await commit(session, 1, []);
      await commit(session, 2, []);
      await commit(session, 3, [put(1)]);
    },
  },

  "the same number twice resolves": {
    async run(trial) {
      const session = await trial.open();
      await commit(session, 1, [put(1)]);
      await commit(session, 1, [put(1)]);
      await commit(session, 2, [put(2)]);
      await commit(session, 1, [put(1)]);
      await commit(session, 2, [put(2)]);
      await commit(session, 3, [put(3)]);
    },
  },

  "the same number twice changes nothing, even with other content": {
    async run(trial) {
      const session = await trial.open();
      await commit(session, 1, [put(1)]);
      await commit(session, 1, [put(1, "other content"), put(9)]);
      await commit(session, 2, [put(2)]);
      await commit(session, 1, [drop(1), drop(2)]);
      assert.deepEqual(await trial.kept(session), content(put(1), put(2)));
    },
  },

  "a number left out is refused with FENCED": {
    async run(trial) {
      const session = await trial.open();
      await refused("batch 2 as the first", () => commit(session, 2, [put(2)]), "FENCED");
      await commit(session, 1, [put(1)]);
      await refused("batch 3 after batch 1", () => commit(session, 3, [put(3)]), "FENCED");
      await commit(session, 2, [put(2)]);
    },
  },

  "a commit of another epoch is refused with FENCED": {
    async run(trial) {
      const first = await trial.open();
      await commit(first, 1, [put(1)]);
      const session = await trial.again(first);
      const of = (epoch: number, number: number) => session.commit({ epoch, number, changes: [put(2)] });
      await refused("a commit of the epoch before", () => of(first.epoch, 1), "FENCED");
      await refused("the next batch of the epoch before", () => of(first.epoch, 2), "FENCED");
      await refused("a commit of an epoch to come", () => of(session.epoch + 1, 1), "FENCED");
      await commit(session, 1, [put(3)]);
      await refused("a commit of the epoch before", () => of(first.epoch, 2), "FENCED");
    },
  },

  "a batch refused with FENCED changes nothing": {
    async run(trial) {
      const first = await trial.open();
      await commit(first, 1, [put(1)]);
      const session = await trial.again(first);
      const changes = [drop(1), put(2)];
      await refused("another epoch's batch", () => session.commit({ epoch: first.epoch, number: 2, changes }));
      await refused("another epoch's batch", () => session.commit({ epoch: session.epoch + 1, number: 1, changes }));
      await refused("batch 2 as the first", () => commit(session, 2, changes));
      assert.deepEqual(await trial.kept(session), content(put(1)));
    },
  },

  "numbers start again at 1 in each epoch": {
    async run(trial) {
      const first = await trial.open();
      await commit(first, 1, [put(1)]);
      await commit(first, 2, [put(2)]);
      const second = await trial.again(first);
      await refused("batch 3 as the first of an epoch", () => commit(second, 3, [put(3)]), "FENCED");
      await commit(second, 1, [put(1, "second epoch")]);
      assert.deepEqual(await trial.kept(second), content(put(1, "second epoch"), put(2)));
    },
  },
} as const satisfies Record<string, StoreCase>;
