import assert from "node:assert/strict";
import { answerOf, refused } from "../call.js";
import { type ProviderCase, SIGHT } from "../case.js";
import { asProviderError } from "../failure.js";
import { atEachMoment, settled, staysGone } from "../moment.js";
import type { Attempt } from "../thing.js";
import type { World } from "../world.js";

/** What the provider says when it can reach nothing: that it doesn't know, never that something is so. */
export const outageCases = {
  "in an outage allocate rejects, and not for good": {
    needs: ["outage"],
    async run(world) {
      await inOutage(world, async () => {
        const ended = await world.start(world.name()).ended;
        assert.ok(ended.status === "rejected", "allocate made something in an outage");
        // permanent tells everybody who waits to give up.
        assert.notEqual(asProviderError(ended.error)?.kind, "permanent", "allocate calls an outage permanent");
      });
    },
  },

  "an outage in the middle of allocate leaves nothing that delete does not remove": {
    needs: ["outage"],
    needsOneOf: SIGHT,
    async run(world) {
      const cutOff: Attempt[] = [];
      await atEachMoment(world, async (attempt, moment) => {
        await moment.reached(attempt);
        let saysNothing = false;
        await inOutage(world, async () => {
          const ended = await attempt.ended;
          saysNothing = ended.status === "rejected" && asProviderError(ended.error)?.made === "nothing";
        });
        if (saysNothing) await staysGone(world, attempt.thing);
        cutOff.push(attempt);
      });
      for (const attempt of cutOff) {
        // Until then, what was asked for before the outage may still be made after a delete.
        await settled(world, attempt);
        await world.delete(attempt.thing);
        await world.gone(attempt.thing);
      }
    },
  },

  "in an outage find rejects instead of calling a thing absent": {
    needs: ["outage", "find"],
    async run(world) {
      const thing = await world.make();
      await world.exists(thing);
      await inOutage(world, async () => {
        const found = await answerOf(world.calls.find(thing.key));
        assert.notEqual(found?.status, "absent", "find says absent of a thing that exists");
        assert.notEqual(found?.status, "broken", "find says broken of a thing that works");
      });
    },
  },

  "in an outage list throws instead of ending early": {
    needs: ["outage", "list"],
    async run(world) {
      const thing = await world.make();
      await world.exists(thing);
      await inOutage(world, async () => {
        const entries = await answerOf(world.calls.list());
        const keys = entries?.map(({ key }) => key) ?? [thing.key];
        assert.ok(keys.includes(thing.key), "list ended without a thing that exists");
      });
    },
  },

  "in an outage delete rejects, and succeeds after it": {
    needs: ["outage"],
    needsOneOf: SIGHT,
    async run(world) {
      const thing = await world.make();
      await world.exists(thing);
      await inOutage(world, async () => {
        assert.ok(await refused(world.calls.delete(thing, thing.data).ended), "delete claims success in an outage");
      });
      await world.delete(thing);
      await world.gone(thing);
    },
  },

  "in an outage check does not call a thing unhealthy": {
    needs: ["outage", "check"],
    async run(world) {
      const thing = await world.make();
      await world.healthy(thing);
      await inOutage(world, async () => {
        const { status, reason } = await world.calls.verdict(thing);
        assert.notEqual(status, "unhealthy", `check says unhealthy in an outage: ${reason}`);
      });
      await world.healthy(thing);
    },
  },
} satisfies Record<string, ProviderCase>;

async function inOutage(world: World, during: () => Promise<void>): Promise<void> {
  assert.ok(world.harness.outage, "the harness has no outage");
  let ran = false;
  await world.harness.outage(async () => {
    await during();
    ran = true;
  });
  assert.ok(ran, "the harness's outage did not run what it was given, or hid that it failed");
}
