import assert from "node:assert/strict";
import { answerOf } from "../call.js";
import type { ProviderCase } from "../case.js";
import { until } from "../patience.js";

/** What `find` tells of a key. */
export const findCases = {
  "find of a key never made is absent": {
    needs: ["find"],
    async run(world) {
      await world.make();
      const { status } = await world.calls.find(world.name().key);
      assert.equal(status, "absent", `find says ${status} for a key that was never used`);
    },
  },

  "after a lost answer find tells ready with the data": {
    needs: ["find"],
    async run(world) {
      const thing = await world.make();
      await world.exists(thing);
      const found = await world.calls.find(thing.key);
      assert.ok(found.status === "ready");
      assert.deepStrictEqual(found.data, thing.data, "find's data is not what allocate returned");
      thing.data = found.data;
      if (world.provider.check !== undefined) await world.healthy(thing);
      await world.delete(thing);
      await world.gone(thing);
    },
  },

  "find after delete is absent": {
    needs: ["find"],
    async run(world) {
      const thing = await world.make();
      await world.exists(thing);
      await world.delete(thing);
      await until(world.run.timeoutMs, async () => {
        const { status } = await world.calls.find(thing.key);
        return status === "absent" ? undefined : `find says ${status}`;
      });
    },
  },

  "an aborted find does not call a thing absent": {
    needs: ["find"],
    async run(world) {
      const thing = await world.make();
      await world.exists(thing);
      const found = await answerOf(world.calls.find(thing.key, { aborted: true }));
      assert.notEqual(found?.status, "absent", "find gave up and said absent instead of rejecting");
    },
  },
} satisfies Record<string, ProviderCase>;
