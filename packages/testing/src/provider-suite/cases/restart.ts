import assert from "node:assert/strict";
import { type ProviderCase, SIGHT } from "../case.js";

/** What the provider of the next process knows of what this one made. */
export const restartCases = {
  "after a restart check finds it healthy": {
    needs: ["restart", "check"],
    async run(world) {
      const thing = await world.make();
      await world.restart();
      await world.healthy(thing);
    },
  },

  "after a restart find tells ready with the data": {
    needs: ["restart", "find"],
    async run(world) {
      const thing = await world.make();
      await world.restart();
      await world.exists(thing);
      const found = await world.calls.find(thing.key);
      assert.ok(found.status === "ready");
      assert.deepStrictEqual(found.data, thing.data, "find's data is not what allocate returned");
    },
  },

  "after a restart list contains it": {
    needs: ["restart", "list"],
    async run(world) {
      const thing = await world.make();
      await world.restart();
      await world.exists(thing);
    },
  },

  "after a restart delete removes it": {
    needs: ["restart"],
    needsOneOf: SIGHT,
    async run(world) {
      const thing = await world.make();
      await world.restart();
      await world.delete(thing);
      await world.gone(thing);
    },
  },

  "after a restart delete without data removes it": {
    needs: ["restart"],
    needsOneOf: SIGHT,
    async run(world) {
      const thing = await world.make();
      await world.restart();
      await world.deleteWith(thing, undefined);
      await world.gone(thing);
    },
  },

  "the spec is the same after a restart": {
    needs: ["restart"],
    async run(world) {
      const before = JSON.stringify(world.provider.spec);
      await world.restart();
      // Another one means: made from something else, replace everything that is warm.
      assert.equal(JSON.stringify(world.provider.spec), before, "the spec is another one");
    },
  },
} satisfies Record<string, ProviderCase>;
