import { refused } from "../call.js";
import { type ProviderCase, SIGHT } from "../case.js";

/** How things end. */
export const deleteCases = {
  "delete makes it gone": {
    needsOneOf: SIGHT,
    async run(world) {
      const thing = await world.make();
      await world.exists(thing);
      await world.delete(thing);
      await world.gone(thing);
    },
  },

  "delete of a key never made succeeds": {
    async run(world) {
      await world.deleteWith(world.name(), undefined);
    },
  },

  "delete twice succeeds": {
    async run(world) {
      const thing = await world.make();
      await world.delete(thing);
      await world.delete(thing);
      await world.gone(thing);
      await world.delete(thing);
      await world.deleteWith(thing, undefined);
    },
  },

  "delete without data, when the answer was lost, removes what the key made": {
    needsOneOf: SIGHT,
    async run(world) {
      const thing = await world.make();
      await world.exists(thing);
      await world.deleteWith(thing, undefined);
      await world.gone(thing);
    },
  },

  "deleting one thing leaves the others": {
    async run(world) {
      const [one, other] = [await world.make(), await world.make()];
      await world.delete(one);
      await world.gone(one);
      await world.exists(other);
      if (world.provider.check !== undefined) await world.healthy(other);
    },
  },

  "a delete that was aborted succeeds when it is repeated": {
    async run(world) {
      const thing = await world.make();
      const aborted = world.calls.delete(thing, thing.data);
      aborted.abort();
      await refused(aborted.ended);
      await world.delete(thing);
      await world.gone(thing);
    },
  },

  "an aborted delete claims nothing that is not so": {
    needsOneOf: SIGHT,
    async run(world) {
      const thing = await world.make();
      await world.exists(thing);
      if (!(await refused(world.calls.delete(thing, thing.data, { aborted: true }).ended))) await world.gone(thing);
    },
  },

  "delete removes what broke": {
    needs: ["break"],
    async run(world) {
      const thing = await world.make();
      await world.harness.break?.(thing.data);
      await world.delete(thing);
      await world.gone(thing);
    },
  },
} satisfies Record<string, ProviderCase>;
