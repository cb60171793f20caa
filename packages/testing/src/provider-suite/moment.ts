import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { settlesWithinMs } from "./duration.js";
import { messageOf } from "./failure.js";
import type { Attempt, Ended, Thing } from "./thing.js";
import type { World } from "./world.js";

/** Timers are no finer than a few milliseconds. */
const SHORTEST_WATCH_MS = 20;

/** A point in an `allocate` at which something happens to it. */
export interface Moment {
  /** For the message of a case that failed there. */
  readonly name: string;
  /** Resolves when it has come, or the attempt has ended before. */
  reached(attempt: Attempt): Promise<unknown>;
}

/**
 * Runs a case's body at several moments, each on a thing of its own: at once, at the first checkpoint, and at two
 * random ones, measured by how long an undisturbed `allocate` took.
 */
export async function atEachMoment(
  world: World,
  body: (attempt: Attempt, moment: Moment) => Promise<void>,
): Promise<void> {
  for (const moment of await moments(world)) await at(moment, world, body);
}

/** The same, at all moments at the same time if things can be told apart: for bodies that wait for `settlesWithin`. */
export async function atAllMoments(
  world: World,
  body: (attempt: Attempt, moment: Moment) => Promise<void>,
): Promise<void> {
  // Who can do no more than count sees nothing while another one may be there.
  if (!world.tellsApart) return await atEachMoment(world, body);
  const bodies = (await moments(world)).map((moment) => at(moment, world, body));
  await Promise.allSettled(bodies);
  await Promise.all(bodies);
}

async function at(
  moment: Moment,
  world: World,
  body: (attempt: Attempt, moment: Moment) => Promise<void>,
): Promise<void> {
  const attempt = world.start(world.name());
  try {
    await body(attempt, moment);
  } catch (error) {
    assert.fail(`${moment.name}: ${messageOf(error)}`);
  }
}

/** Aborts an `allocate` at each of several moments, and hands on how it ended. */
export function abortAtEachMoment(
  world: World,
  then: (attempt: Attempt, ended: Ended) => Promise<void>,
): Promise<void> {
  return atEachMoment(world, async (attempt, moment) => {
    await moment.reached(attempt);
    attempt.abort();
    await then(attempt, await attempt.ended);
  });
}

/** Waits until `settlesWithin` has passed since an `allocate` began; not longer than for a call. */
export async function settled(world: World, { startedAtMs }: Attempt): Promise<void> {
  const settlesMs = Math.min(settlesWithinMs(world.provider), world.run.timeoutMs);
  const leftMs = settlesMs - (performance.now() - startedAtMs);
  if (leftMs > 0) await sleep(leftMs);
}

/** Watches that nothing appears any more: what goes on behind our back is about as fast as `allocate`. */
export async function staysGone(world: World, thing: Thing): Promise<void> {
  const forMs = Math.max(2 * (world.run.allocateMs ?? 0), SHORTEST_WATCH_MS);
  await world.staysGone(thing, Math.min(forMs, world.run.timeoutMs));
}

/** Makes something, and deletes it, if nobody knows yet how long that takes. */
export async function measure(world: World): Promise<void> {
  if (world.run.allocateMs !== undefined) return;
  const thing = await world.make();
  await world.delete(thing);
  await world.gone(thing);
}

async function moments(world: World): Promise<Moment[]> {
  await measure(world);
  const wholeMs = world.run.allocateMs ?? 0;
  const after = (share: number): Moment => ({
    name: `after ${Math.round(share * 100)}% of the time that allocate takes`,
    reached: (attempt) => Promise.race([sleep(share * wholeMs), attempt.ended]),
  });
  return [
    { name: "at once", reached: async () => {} },
    { name: "at the first checkpoint", reached: ({ checkpointed }) => checkpointed },
    after(0.1 + 0.4 * Math.random()),
    after(0.5 + 0.45 * Math.random()),
  ];
}
