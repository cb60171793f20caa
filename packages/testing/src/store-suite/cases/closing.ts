import assert from "node:assert/strict";
import type { StoreCase } from "../case.js";
import { commit, content, put, refused } from "../trial.js";

/** Giving a namespace up. */
export const closingCases = {
  "a closed session refuses commits": {
    async run(trial) {
      const session = await trial.open();
      await commit(session, 1, [put(1)]);
      await session.close();
      await refused("a commit of a closed session", () => commit(session, 2, [put(2)]));
      await refused("the last batch of a closed session", () => commit(session, 1, [put(1)]));
    },
  },

  "closing waits for the commits under way": {
    async run(trial) {
      const session = await trial.open();
      const order: string[] = [];
      const changes = Array.from({ length: 500 }, (_, index) => put(index));
      const committed = commit(session, 1, changes).then(() => order.push("committed"));
      await session.close();
      order.push("closed");
      await committed;
      assert.deepEqual(order, ["committed", "closed"]);
      assert.deepEqual(await trial.kept(session), content(...changes));
    },
  },

  "closing twice is closing once": {
    async run(trial) {
      const session = await trial.open();
      await Promise.all([session.close(), session.close()]);
      const next = await trial.open();
      await session.close();
      // The late close was the old session's, not the new one's.
      await commit(next, 1, [put(1)]);
      await next.close();
    },
  },
} as const satisfies Record<string, StoreCase>;
