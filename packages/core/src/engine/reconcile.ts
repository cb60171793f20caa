import { parseKey } from "../model/key.js";
import type { ListedThing } from "./call.js";

/** Who we are, for telling what is ours in a listing. */
export interface Identity {
  readonly installation: string;
  readonly namespace: string;
  readonly epoch: number;
  /** The first number that was never given: a key of ours with this or a larger one is of a later state of the store. */
  readonly nextId: number;
  /** Counters survive restarts: only then does a larger number or epoch mean that the store was rolled back. */
  readonly durable: boolean;
}

export type Whose =
  /** A record of ours names it. */
  | "recorded"
  /** Ours, and no record names it. */
  | "unrecorded"
  /** Another installation's or namespace's. */
  | "foreign"
  /** Another's, and past the end that it bears itself: anyone may delete it. */
  | "expired"
  /** Ours, from a later state of this store: the store was restored from an older copy. */
  | "from-the-future";

/** Whose a listed thing is. */
export function whose(thing: ListedThing, recorded: boolean, identity: Identity, nowMs: number): Whose {
  const key = parseKey(thing.key);
  const installation = thing.tags?.installation ?? key?.installation;
  const namespace = thing.tags?.namespace ?? identity.namespace;
  if (installation !== identity.installation || namespace !== identity.namespace) {
    return thing.tags?.expiresAtMs !== undefined && thing.tags.expiresAtMs <= nowMs ? "expired" : "foreign";
  }
  const later = (thing.tags?.epoch ?? 0) > identity.epoch || (key !== undefined && key.id >= identity.nextId);
  if (identity.durable && later) return "from-the-future";
  return recorded ? "recorded" : "unrecorded";
}

/** Two sightings in complete listings, and a minimum age, before an unrecorded thing is touched. */
export function ripe(
  sighting: { sightings: number; firstSeenAtMs: number; createdAtMs: number | undefined },
  nowMs: number,
  minAgeMs: number,
): boolean {
  const { sightings, firstSeenAtMs, createdAtMs = firstSeenAtMs } = sighting;
  // The provider's clock may be ahead of ours, by hours after ours was set back: it was made before we saw it.
  return sightings >= 2 && nowMs - Math.min(createdAtMs, firstSeenAtMs) >= minAgeMs;
}

/** Complete listings in a row that must lack a recorded resource before it is asked for by itself. */
export const MISSING_TWICE = 2;

/** A sweep that would end so many recorded resources at once is likelier wrong than right. */
export function tooMany(ends: number, known: number, limit: number): boolean {
  return ends > limit || (ends >= 3 && ends * 3 > known);
}
