import assert from "node:assert/strict";
import type { StoreCase } from "../case.js";
import { commit, content, contentOf, drop, put, refused } from "../trial.js";

/** What a crash leaves. */
export const restartCases = {
  "survives a restart": {
    async run(trial) {
      const before = await trial.open();
      await commit(before, 1, [put(1), put(2), put(3)]);
      await commit(before, 2, [put(2, "replaced"), drop(3)]);
      // A commit that resolved is durable: nothing is closed, flushed or waited for.
      const after = await trial.open({ store: await trial.restart() });
      assert.deepEqual(await contentOf(after), content(put(1), put(2, "replaced")));
      assert.equal(after.installation, before.installation, "the installation changed");
      assert.ok(after.epoch > before.epoch, `epoch ${after.epoch} came after ${before.epoch}`);
      await commit(after, 1, [put(4)]);
      const last = await trial.open({ store: await trial.restart() });
      assert.deepEqual(await contentOf(last), content(put(1), put(2, "replaced"), put(4)));
    },
  },

  "an epoch that wrote nothing is not given again after a restart": {
    async run(trial) {
      const first = await trial.open();
      const second = await trial.open({ store: await trial.restart() });
      const third = await trial.open({ store: await trial.restart() });
      assert.ok(second.epoch > first.epoch, `epoch ${second.epoch} came after ${first.epoch}`);
      assert.ok(third.epoch > second.epoch, `epoch ${third.epoch} came after ${second.epoch}`);
      assert.equal(third.installation, first.installation, "the installation changed");
    },
  },

  "what was left behind by a crash cannot write": {
    async run(trial) {
      const left = await trial.open();
      await commit(left, 1, [put(1)]);
      const store = await trial.restart();
      const session = await trial.open({ store });
      // So that the number of what comes late would fit: only its epoch tells.
      await commit(session, 1, [put(3)]);
      // Perhaps the old session still reaches the content, perhaps not. It must not be seen there.
      await commit(left, 2, [drop(1), put(2)]).catch(() => undefined);
      const late = { epoch: left.epoch, number: 2, changes: [drop(1), put(2)] };
      await refused("a batch from before the crash", () => session.commit(late), "FENCED");
      await commit(session, 2, [put(4)]);
      await session.close();
      assert.deepEqual(await contentOf(await trial.open({ store })), content(put(1), put(3), put(4)));
    },
  },
} as const satisfies Record<string, StoreCase>;
