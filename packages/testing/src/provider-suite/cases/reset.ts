import { refused } from "../call.js";
import { type ProviderCase, SIGHT } from "../case.js";

/** What `reset` may do to a thing. */
export const resetCases = {
  "reset leaves it healthy, and returns data or nothing": {
    needs: ["reset"],
    async run(world) {
      const thing = await world.make();
      for (let times = 0; times < 2; times += 1) {
        await world.calls.reset(thing).ended;
        await world.exists(thing);
        if (world.provider.check !== undefined) await world.healthy(thing);
      }
      await world.delete(thing);
      await world.gone(thing);
    },
  },

  "after a reset whose answer was lost, delete with the data from before removes it": {
    needs: ["reset"],
    needsOneOf: SIGHT,
    async run(world) {
      const thing = await world.make();
      const before = thing.data;
      await world.calls.reset(thing).ended;
      await world.deleteWith(thing, before);
      await world.gone(thing);
    },
  },

  "after an aborted reset delete removes it": {
    needs: ["reset"],
    needsOneOf: SIGHT,
    async run(world) {
      const thing = await world.make();
      const reset = world.calls.reset(thing);
      reset.abort();
      await refused(reset.ended);
      await world.delete(thing);
      await world.gone(thing);
    },
  },

  "reset of a deleted thing rejects, or leaves a healthy one": {
    needs: ["reset", "check"],
    async run(world) {
      const thing = await world.make();
      await world.delete(thing);
      await world.gone(thing);
      if (await refused(world.calls.reset(thing).ended)) return;
      // It may have been made anew: what counts is that nothing dead is lent.
      thing.state = "made";
      await world.healthy(thing);
    },
  },
} satisfies Record<string, ProviderCase>;
