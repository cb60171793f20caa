import assert from "node:assert/strict";
import { type ProviderCase, SIGHT } from "../case.js";
import { asProviderError, assertUsable } from "../failure.js";
import { abortAtEachMoment, atAllMoments, measure, settled, staysGone } from "../moment.js";
import type { Attempt } from "../thing.js";

/** What an `allocate` leaves behind that did not get to its end. */
export const abortCases = {
  "an allocate aborted before it starts rejects": {
    async run(world) {
      const { status } = await world.start(world.name(), { aborted: true }).ended;
      assert.equal(status, "rejected", "allocate made something although its signal was aborted all the time");
    },
  },

  "an allocate aborted before it starts leaves nothing that delete does not remove": {
    needsOneOf: SIGHT,
    async run(world) {
      await measure(world);
      const thing = world.name();
      await world.start(thing, { aborted: true }).ended;
      await world.delete(thing);
      await world.gone(thing);
      await staysGone(world, thing);
    },
  },

  "an aborted allocate ends soon": {
    async run(world) {
      await abortAtEachMoment(world, async () => {});
    },
  },

  "a half-made thing is removed by delete with the checkpointed data": {
    needsOneOf: SIGHT,
    async run(world) {
      await abortAtEachMoment(world, async ({ thing }) => {
        await world.delete(thing);
        await world.gone(thing);
      });
    },
  },

  "a half-made thing is removed by delete with nothing but its key": {
    needsOneOf: SIGHT,
    async run(world) {
      await abortAtEachMoment(world, async ({ thing }) => {
        await world.deleteWith(thing, undefined);
        await world.gone(thing);
      });
    },
  },

  "a half-made thing whose checkpoint failed is removed by delete with nothing but its key": {
    needsOneOf: SIGHT,
    async run(world) {
      const thing = world.name();
      await world.start(thing, { checkpointFails: true }).ended;
      await world.deleteWith(thing, undefined);
      await world.gone(thing);
    },
  },

  "what find calls ready after an aborted allocate is whole and healthy": {
    needs: ["find", "check"],
    async run(world) {
      const whole = await world.make();
      await abortAtEachMoment(world, async ({ thing }) => {
        const found = await world.calls.find(thing.key);
        if (found.status !== "ready") return;
        for (const property of propertiesOf(whole.data)) {
          assert.ok(propertiesOf(found.data).includes(property), `find says ready, but its data lacks ${property}`);
        }
        thing.data = found.data;
        await world.healthy(thing);
      });
    },
  },

  'made: "nothing" means that nothing was made, and never will be': {
    needsOneOf: SIGHT,
    async run(world) {
      const saysNothing = async ({ thing, ended }: Attempt) => {
        const outcome = await ended;
        if (outcome.status !== "rejected" || asProviderError(outcome.error)?.made !== "nothing") return;
        await staysGone(world, thing);
      };
      await measure(world);
      await saysNothing(world.start(world.name(), { aborted: true }));
      await abortAtEachMoment(world, saysNothing);
    },
  },

  "settlesWithin is kept: what is absent then stays absent": {
    needs: ["settlesWithin"],
    needsOneOf: SIGHT,
    async run(world) {
      await atAllMoments(world, async (attempt, moment) => {
        await moment.reached(attempt);
        attempt.abort();
        await attempt.ended;
        await settled(world, attempt);
        if (!(await world.seen(attempt.thing))) await staysGone(world, attempt.thing);
      });
    },
  },

  "settlesWithin is kept: what find calls absent then stays absent, though its allocate runs on": {
    needs: ["settlesWithin", "find"],
    async run(world) {
      // A manager that died hears nothing and aborts nothing; the next one forgets what is absent.
      await atAllMoments(world, async (attempt, moment) => {
        await moment.reached(attempt);
        await settled(world, attempt);
        const { status } = await world.calls.find(attempt.thing.key);
        await attempt.ended;
        if (status === "absent") await staysGone(world, attempt.thing);
      });
    },
  },

  "settlesWithin is kept: what delete removed then stays removed, though its allocate runs on": {
    needs: ["settlesWithin"],
    needsOneOf: SIGHT,
    async run(world) {
      await atAllMoments(world, async (attempt, moment) => {
        await moment.reached(attempt);
        await settled(world, attempt);
        await world.delete(attempt.thing);
        await attempt.ended;
        await world.gone(attempt.thing);
        await staysGone(world, attempt.thing);
      });
    },
  },

  "what a call rejects with is an Error with a message": {
    async run(world) {
      const thing = await world.make();
      const rejections = new Map<string, unknown>();
      const note = (call: string) => (error: unknown) => void rejections.set(call, error);
      const ended = await world.start(world.name(), { aborted: true }).ended;
      if (ended.status === "rejected") note("allocate")(ended.error);
      if (world.provider.find !== undefined) await world.calls.find(thing.key, { aborted: true }).catch(note("find"));
      if (world.provider.list !== undefined) await world.calls.list({ aborted: true }).catch(note("list"));
      await world.calls.delete(thing, thing.data, { aborted: true }).ended.catch(note("delete"));
      if (world.provider.check !== undefined)
        await world.calls.check(thing, { aborted: true }).ended.catch(note("check"));
      assert.ok(rejections.size > 0, "no call rejected although its signal was aborted: nothing could be looked at");
      for (const [call, error] of rejections) assertUsable(error, call);
    },
  },
} satisfies Record<string, ProviderCase>;

function propertiesOf(data: unknown): string[] {
  return typeof data === "object" && data !== null ? Object.keys(data) : [];
}
