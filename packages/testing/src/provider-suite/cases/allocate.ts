import assert from "node:assert/strict";
import { type ProviderCase, SIGHT } from "../case.js";
import { settlesWithinMs } from "../duration.js";

/** What `allocate` makes. */
export const allocateCases = {
  "name, settlesWithin and spec are usable": {
    async run({ provider }) {
      assert.ok(typeof provider.name === "string" && provider.name !== "", "the provider has no name");
      const { settlesWithin } = provider;
      assert.ok(!Number.isNaN(settlesWithinMs(provider)), `settlesWithin is no duration: ${String(settlesWithin)}`);
      assert.doesNotThrow(() => JSON.stringify(provider.spec), "spec cannot be digested: it is not JSON");
    },
  },

  "allocate answers with data": {
    async run(world) {
      const { data } = await world.make();
      // A record without data means that allocate never answered.
      assert.notEqual(data, undefined, "allocate resolved with nothing");
    },
  },

  "allocate makes one thing": {
    needs: ["count"],
    async run(world) {
      await world.exists(await world.make());
    },
  },

  "data survives JSON": {
    needs: ["json"],
    async run(world) {
      const thing = await world.make();
      if (world.provider.check !== undefined) await world.healthy(thing);
      if (world.provider.find !== undefined) await world.calls.find(thing.key);
      if (world.provider.reset !== undefined) await world.calls.reset(thing).ended;
    },
  },

  "two keys are two things": {
    async run(world) {
      const [one, other] = [await world.make(), await world.make()];
      assert.notEqual(one.data, other.data, "both have the same data");
      if (world.run.json) assert.notDeepEqual(one.data, other.data, "both have the same data");
      await world.exists(one);
      await world.exists(other);
    },
  },

  "the longest keys, different only at their end, are two things": {
    async run(world) {
      const one = await world.make(world.name({ id: Number.MAX_SAFE_INTEGER }));
      const other = await world.make(world.name({ id: Number.MAX_SAFE_INTEGER - 1 }));
      await world.exists(one);
      await world.exists(other);
      await world.delete(one);
      await world.gone(one);
      await world.exists(other);
    },
  },

  "parallel allocates of distinct keys all succeed": {
    async run(world) {
      const things = await Promise.all([world.make(), world.make(), world.make()]);
      for (const thing of things) {
        await world.exists(thing);
        if (world.provider.check !== undefined) await world.healthy(thing);
      }
    },
  },

  "the same key a second time never makes a second thing": {
    needsOneOf: ["count", "list"],
    async run(world) {
      const thing = await world.make();
      await world.exists(thing);
      // Refused or the same again: either will do.
      await world.start(thing).ended;
      thing.state = "made";
      await world.exists(thing);
      if (world.provider.list !== undefined) {
        const entries = (await world.calls.list()).filter(({ key }) => key === thing.key);
        assert.equal(entries.length, 1, `list contains ${entries.length} things of the same key`);
      }
      await world.delete(thing);
      await world.gone(thing);
    },
  },

  "a slot is free again after delete": {
    async run(world) {
      const first = await world.make();
      await world.delete(first);
      await world.gone(first);
      const second = await world.make();
      assert.equal(second.slot, first.slot);
      await world.exists(second);
      if (world.provider.check !== undefined) await world.healthy(second);
    },
  },

  "a key that begins another key is not that other": {
    needsOneOf: SIGHT,
    async run(world) {
      // In base 36: …-1 and …-10. Filters of container engines and clouds match parts of names.
      const beginning = world.name({ id: 1 });
      const longer = await world.make(world.name({ id: 36 }));
      if (world.provider.find !== undefined) {
        assert.equal((await world.calls.find(beginning.key)).status, "absent", "find tells of another key's thing");
      }
      await world.deleteWith(beginning, undefined);
      await world.exists(longer);
    },
  },
} satisfies Record<string, ProviderCase>;
