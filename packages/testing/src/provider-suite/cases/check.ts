import type { ProviderCase } from "../case.js";

/** What `check` tells apart. */
export const checkCases = {
  "what allocate made, check finds healthy": {
    needs: ["check"],
    async run(world) {
      await world.healthy(await world.make());
    },
  },

  "check changes nothing": {
    needs: ["check"],
    async run(world) {
      const thing = await world.make();
      for (let times = 0; times < 3; times += 1) await world.healthy(thing);
      await world.exists(thing);
    },
  },

  "check of a deleted thing is unhealthy": {
    needs: ["check"],
    async run(world) {
      const thing = await world.make();
      await world.healthy(thing);
      await world.delete(thing);
      await world.gone(thing);
      await world.unhealthy(thing);
    },
  },

  "check of a broken thing is unhealthy": {
    needs: ["check", "break"],
    async run(world) {
      const [thing, other] = [await world.make(), await world.make()];
      await world.healthy(thing);
      await world.harness.break?.(thing.data);
      await world.unhealthy(thing);
      await world.healthy(other);
    },
  },
} satisfies Record<string, ProviderCase>;
