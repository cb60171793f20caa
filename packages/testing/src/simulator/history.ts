import type { Process } from "./process.js";
import type { World } from "./world.js";

/** Somebody has been told that a thing is his, and may use it. */
export interface Hold {
  readonly holder: string;
  readonly owner: string;
  readonly sandbox: string;
  /** He has it in order to clean it. */
  readonly cleans: boolean;
  readonly key: string;
  readonly token: number;
  readonly ticket: number;
  /** When he stops by himself, by his own clock, unless he hears again. */
  untilMs: number;
  /** He knows that it is over. */
  over: boolean;
  /** Whose words he hears at once. */
  hearsFrom: Process | undefined;
  /** Until when the lease of a session counts: as long as its process may lead, and one `ttl`. Default: for ever. */
  readonly confirmedUntilMs?: () => number;
}

/** What holders were told, and when they were told that it is over: the promise is judged by this, and not by the engine's opinion. */
export class History {
  readonly #world: World;
  /** The newest hold of each thing. */
  readonly #holds = new Map<string, Hold>();
  /** Leases given. */
  granted = 0;
  /** Whom to tell of each. */
  onBegan: ((hold: Hold) => void) | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  /** Whoever may believe now that the thing is his. */
  believer(key: string): Hold | undefined {
    const hold = this.#holds.get(key);
    return hold !== undefined && believes(hold, this.#world.nowMs) ? hold : undefined;
  }

  /** All that somebody may believe now to be his. */
  heldBy(owner: string): Hold[] {
    return [...this.#holds.values()].filter((hold) => hold.owner === owner && believes(hold, this.#world.nowMs));
  }

  /** A holder is told that a thing is his, perhaps again. */
  began(hold: Hold): void {
    // It reached him when it was over, and says so itself.
    if (hold.over) return;
    const { key, token, holder } = hold;
    this.granted += 1;
    const before = this.#holds.get(key);
    if (before !== undefined && before !== hold && before.holder !== holder) {
      if (believes(before, this.#world.nowMs)) {
        const both = `${before.holder} (token ${before.token}) and ${holder} (token ${token})`;
        this.#world.violated("one holder", `${key} is lent to ${both}`);
      }
      if (token <= before.token) {
        this.#world.violated("tokens rise", `${key} went from token ${before.token} to ${token}`);
      }
    }
    this.#holds.set(key, hold);
    this.onBegan?.(hold);
  }

  /** The world was restored from a backup, and everybody was stopped before. */
  forgetAll(): void {
    for (const hold of this.#holds.values()) hold.over = true;
    this.#holds.clear();
  }
}

export function believes(hold: Hold, nowMs: number): boolean {
  return !hold.over && nowMs < hold.untilMs && nowMs < (hold.confirmedUntilMs?.() ?? Number.POSITIVE_INFINITY);
}
