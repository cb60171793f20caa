import assert from "node:assert/strict";
import { isWarmpoolError, type StoreSession } from "@warmpool/core";
import type { StoreCase } from "../case.js";
import { commit, put, refused } from "../trial.js";

/** Epochs, installations, and who may write. */
export const openingCases = {
  "an installation is 8 characters of a-z and 0-9": {
    async run(trial) {
      const { installation } = await trial.open();
      assert.match(installation, /^[a-z0-9]{8}$/);
    },
  },

  "an installation is drawn once in the life of a namespace": {
    async run(trial) {
      const drawn: number[] = [];
      const drawId = (length: number) => {
        drawn.push(length);
        return "k7".repeat(length).slice(0, length);
      };
      const first = await trial.open({}, { drawId });
      assert.equal(first.installation, "k7k7k7k7", "the installation is not the one that was drawn");
      await first.close();
      const second = await trial.open({}, { drawId });
      assert.equal(second.installation, first.installation, "the installation changed");
      assert.deepEqual(drawn, [8], "ids were drawn of these lengths");
    },
  },

  "two namespaces have two installations": {
    async run(trial) {
      const web = await trial.open({ namespace: "web" });
      const vm = await trial.open({ namespace: "vm" });
      assert.notEqual(web.installation, vm.installation);
    },
  },

  "epochs only grow": {
    async run(trial) {
      let session = await trial.open();
      for (let opening = 2; opening <= 4; opening += 1) {
        const { epoch } = session;
        assert.ok(Number.isSafeInteger(epoch) && epoch > 0, `${epoch} is no epoch`);
        // With and without having written: what was committed must not matter.
        if (opening % 2 === 0) await commit(session, 1, [put(opening)]);
        session = await trial.again(session);
        assert.ok(session.epoch > epoch, `epoch ${session.epoch} came after ${epoch}`);
      }
    },
  },

  "an opening that was given up rejects and keeps nothing": {
    async run(trial) {
      const reason = new Error("changed my mind");
      const signal = AbortSignal.abort(reason);
      const error = await trial.open({}, { signal }).then(
        () => assert.fail("the store was opened although the signal was aborted before"),
        (rejection: unknown) => rejection,
      );
      assert.ok(error instanceof Error && error.name === "AbortError", `not an AbortError: ${error}`);
      assert.equal(error.cause, reason, "the signal's reason is not the cause");
      await commit(await trial.open(), 1, [put(1)]);
    },
  },

  "two openings of a namespace never both write": {
    async run(trial) {
      const first = await trial.open();
      await commit(first, 1, [put(1)]);
      let second: StoreSession;
      try {
        second = await trial.open();
      } catch (error) {
        assert.ok(isWarmpoolError(error, "STORE_IN_USE"), `refused, but not with STORE_IN_USE: ${error}`);
        await commit(first, 2, [put(2)]);
        return;
      }
      assert.ok(second.epoch > first.epoch, `epoch ${second.epoch} came after ${first.epoch}`);
      await refused("a commit of the earlier opening", () => commit(first, 2, [put(2)]), "FENCED");
      // Now the earlier opening's number would fit: only its epoch tells.
      await commit(second, 1, [put(3)]);
      await refused("a commit of the earlier opening", () => commit(first, 2, [put(2)]), "FENCED");
      await commit(second, 2, [put(4)]);
    },
  },

  "a second opener is refused with STORE_IN_USE until the first has closed": {
    async run(trial) {
      const first = await trial.open();
      await commit(first, 1, [put(1)]);
      const store = await trial.another();
      await refused("a second opener", () => trial.open({ store }), "STORE_IN_USE");
      await refused(
        "a second opener of another namespace",
        () => trial.open({ store, namespace: "vm" }),
        "STORE_IN_USE",
      );
      await commit(first, 2, [put(2)]);
      await first.close();
      const second = await trial.open({ store });
      assert.ok(second.epoch > first.epoch, `epoch ${second.epoch} came after ${first.epoch}`);
    },
  },
} as const satisfies Record<string, StoreCase>;
