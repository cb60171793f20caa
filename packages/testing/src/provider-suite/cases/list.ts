import assert from "node:assert/strict";
import type { Listed } from "@warmpool/core";
import { answerOf } from "../call.js";
import type { ProviderCase } from "../case.js";
import { until } from "../patience.js";
import type { Thing } from "../thing.js";
import type { World } from "../world.js";

/** What a cloud's clock and ours may be apart, in milliseconds. */
const CLOCK_SKEW_MS = 10 * 60_000;

/** What `list` contains, and when it may be believed. */
export const listCases = {
  "list contains what was made, once, with its key": {
    needs: ["list"],
    async run(world) {
      const things = [await world.make(), await world.make(), await world.make()];
      for (const thing of things) await listed(world, thing);
      const keys = (await world.calls.list()).map(({ key }) => key);
      for (const thing of things) {
        assert.equal(keys.filter((key) => key === thing.key).length, 1, `list contains ${thing.key} not exactly once`);
      }
    },
  },

  "list does not contain what was deleted": {
    needs: ["list"],
    async run(world) {
      const thing = await world.make();
      await listed(world, thing);
      await world.delete(thing);
      await until(world.run.timeoutMs, async () => {
        const keys = (await world.calls.list()).map(({ key }) => key);
        return keys.includes(thing.key) ? "list contains what was deleted" : undefined;
      });
    },
  },

  "list read to its end while others are made and deleted neither throws nor loses any": {
    needs: ["list"],
    async run(world) {
      const [first, ...kept] = [await world.make(), await world.make(), await world.make()];
      for (const thing of [first, ...kept]) await listed(world, thing);
      const during = async () => {
        await Promise.all([world.make(), world.delete(first)]);
        await world.gone(first);
      };
      const keys = (await world.calls.list({ during })).map(({ key }) => key);
      for (const { key } of kept) assert.ok(keys.includes(key), "list lost a thing while others came and went");
    },
  },

  "a listing that was given up can be read anew": {
    needs: ["list"],
    async run(world) {
      const thing = await world.make();
      await listed(world, thing);
      await world.calls.listOne();
      await listed(world, thing);
    },
  },

  "an aborted list throws, unless it is complete": {
    needs: ["list"],
    async run(world) {
      const thing = await world.make();
      await listed(world, thing);
      const entries = await answerOf(world.calls.list({ aborted: true }));
      if (entries === undefined) return;
      // What is missing from a listing that was read to its end counts as lost.
      const keys = entries.map(({ key }) => key);
      assert.ok(keys.includes(thing.key), "list gave up and ended early instead of throwing");
    },
  },

  "listed tags are those that it was made with": {
    needs: ["list"],
    async run(world) {
      const things = [await world.make(), await world.make(world.name({ expires: false }))];
      for (const thing of things) {
        const { tags = {} } = await listed(world, thing);
        for (const [tag, value] of Object.entries(tags)) {
          const expected = (thing.tags as unknown as Record<string, unknown>)[tag];
          assert.deepStrictEqual(value, expected, `the tag ${tag} is not what it was made with`);
        }
      }
    },
  },

  "a listed createdAtMs is the time of making, in UTC milliseconds": {
    needs: ["list"],
    async run(world) {
      const beforeMs = Date.now();
      const { createdAtMs } = await listed(world, await world.make());
      if (createdAtMs === undefined) return;
      assert.ok(
        createdAtMs >= beforeMs - CLOCK_SKEW_MS && createdAtMs <= Date.now() + CLOCK_SKEW_MS,
        `createdAtMs is ${createdAtMs}, and now it is ${Date.now()}`,
      );
    },
  },

  "listed data, where there are any, are what allocate returned": {
    needs: ["list"],
    async run(world) {
      const thing = await world.make();
      const { data } = await listed(world, thing);
      if (data === undefined) return;
      // Things without a record may be adopted as they are listed.
      const restored = world.calls.remember(data, "what list returned");
      assert.deepStrictEqual(restored, thing.data, "listed data is not what allocate returned");
    },
  },

  "what list tells is enough to delete it, in another slot and under another number": {
    needs: ["list"],
    async run(world) {
      const thing = await world.make();
      const neighbour = await world.make();
      const { data } = await listed(world, thing);
      // A thing without a record gets a new one, with the next number and a free slot.
      await world.deleteWith({ ...thing, slot: neighbour.slot + 1, id: neighbour.id + 1 }, data);
      thing.state = "ending";
      await world.gone(thing);
      await world.exists(neighbour);
    },
  },
} satisfies Record<string, ProviderCase>;

/** Waits until a thing is listed. */
async function listed(world: World, thing: Thing): Promise<Listed<unknown>> {
  let entry: Listed<unknown> | undefined;
  await until(world.run.timeoutMs, async () => {
    entry = (await world.calls.list()).find(({ key }) => key === thing.key);
    return entry === undefined ? "list does not contain what was made" : undefined;
  });
  return entry as unknown as Listed<unknown>;
}
