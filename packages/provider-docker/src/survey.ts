import { unlessAborted } from "./abort.js";
import type { Sighting } from "./sighting.js";

/** What is on a host. */
export interface Seen {
  /** When it was asked for, by `performance.now()`. */
  readonly beganAtMs: number;
  /** By key. */
  readonly containers: ReadonlyMap<string, Sighting>;
}

interface Listing {
  readonly beganAtMs: number;
  readonly seen: Promise<Seen>;
}

/**
 * Listings of one host, shared by all who want to know about one of its containers: the traffic grows with how often is
 * asked, not with how many containers there are.
 */
export class Survey {
  readonly #list: () => Promise<readonly Sighting[]>;
  #running: Listing | undefined;
  #next: Promise<Seen> | undefined;
  #latest: Listing | undefined;
  #changedAtMs = Number.NEGATIVE_INFINITY;

  constructor(list: () => Promise<readonly Sighting[]>) {
    this.#list = list;
  }

  /** A listing that began after this call. */
  async fresh(signal: AbortSignal): Promise<Seen> {
    signal.throwIfAborted();
    return await unlessAborted(this.#fresh(), signal);
  }

  /** A listing that began at most so many milliseconds ago. */
  async recent(maxAgeMs: number, signal: AbortSignal): Promise<Seen> {
    signal.throwIfAborted();
    const sinceMs = Math.max(performance.now() - maxAgeMs, this.#changedAtMs);
    const listing = [this.#latest, this.#running].find(
      (listing) => listing !== undefined && listing.beganAtMs >= sinceMs,
    );
    return await unlessAborted(listing?.seen ?? this.#fresh(), signal);
  }

  /** What was listed before is out of date: we have just changed a container. */
  changed(): void {
    this.#changedAtMs = performance.now();
  }

  #fresh(): Promise<Seen> {
    if (this.#running === undefined) return this.#begin();
    // What runs began before: all who ask meanwhile share the one after it.
    this.#next ??= this.#running.seen
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.#begin();
      });
    return this.#next;
  }

  #begin(): Promise<Seen> {
    const beganAtMs = performance.now();
    const seen = this.#list().then((sightings) => ({
      beganAtMs,
      containers: new Map(sightings.map((sighting) => [sighting.key, sighting])),
    }));
    const listing = { beganAtMs, seen };
    this.#running = listing;
    const ended = (succeeded: boolean) => {
      if (this.#running === listing) this.#running = undefined;
      if (succeeded) this.#latest = listing;
    };
    seen.then(
      () => ended(true),
      () => ended(false),
    );
    return seen;
  }
}
