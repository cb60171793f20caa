import type { Clock, Ids, Timer } from "@warmpool/core";
import type { World } from "./world.js";

/** What crossing the border of a process costs at most when nothing is wrong. Milliseconds. */
const LATENCY_MS = 20;

/** The wall clock of everything that nobody set. */
const EPOCH_MS = 1_800_000_000_000;

/**
 * A process with a clock, ids and connections of its own. When it crashes, none of its timers runs any more and no answer
 * reaches it; what it sent goes on at the other side.
 */
export class Process {
  alive = true;
  diedAtMs: number | undefined;
  /** Cut off from the store until then. */
  cutOffUntilMs = 0;
  /** In how many complete listings it has seen each thing. */
  readonly sightings = new Map<string, number>();
  readonly name: string;
  readonly world: World;
  readonly clock: Clock & { lifeBegan?: (life: unknown) => void };
  readonly ids: Ids;
  /** Whom to tell when it dies. */
  readonly onDeath: (() => void)[] = [];
  /** How far its wall clock is off. */
  readonly #offsetMs: number;
  /** How long its clock has stood still. */
  #stoodStillMs = 0;
  #stillSinceMs: number | undefined;
  #frozenUntilMs = 0;
  #held: (() => void)[] = [];

  constructor(world: World, name: string, offsetMs: number) {
    this.world = world;
    this.name = name;
    this.#offsetMs = offsetMs;
    const now = () => this.nowMs;
    const wall = () => EPOCH_MS + this.#offsetMs + world.nowMs;
    this.clock = { now, wall, turn: now, after: (ms, run) => this.after(ms, run) };
    const random = world.random.fork();
    this.ids = { draw: (length) => random.word(length), jitter: () => random.next() };
  }

  /** By its own clock. */
  get nowMs(): number {
    const { nowMs } = this.world;
    const still = this.#stoodStillMs + (this.#stillSinceMs === undefined ? 0 : nowMs - this.#stillSinceMs);
    return EPOCH_MS + this.#offsetMs + nowMs - still;
  }

  get frozen(): boolean {
    return this.world.nowMs < this.#frozenUntilMs;
  }

  /** Runs something after a time by its own clock, if it still lives then. */
  after(ms: number, run: () => void): Timer {
    const dueAtMs = this.nowMs + Math.min(Math.max(0, Math.ceil(ms)), 2 ** 31);
    const ring = () => {
      const leftMs = dueAtMs - this.nowMs;
      if (leftMs > 0 && this.alive && !this.frozen) event = this.world.timeline.after(leftMs, ring);
      else this.deliver(run);
    };
    let event = this.world.timeline.after(dueAtMs - this.nowMs, ring);
    let cancelled = false;
    const wanted = run;
    run = () => {
      if (!cancelled) wanted();
    };
    return {
      cancel: () => {
        cancelled = true;
        event.run = undefined;
      },
    };
  }

  /** Something reaches it now: or once it goes on, or never. */
  deliver(run: () => void): void {
    if (!this.alive) return;
    if (this.frozen) this.#held.push(run);
    else run();
  }

  /** Sends a message, unless it dies just before. Dead processes send nothing. */
  send(target: string, arrive: () => void, extraMs = 0): void {
    if (!this.alive) return;
    const { plan, random, timeline } = this.world;
    const latencyMs = 1 + random.below(LATENCY_MS) + extraMs;
    if (plan.strikes("crashed at a send", target, 0.007)) {
      const left = random.chance(0.5);
      this.crash();
      if (!left) return;
    }
    timeline.after(latencyMs, arrive);
  }

  /** Answers a message that it sent. */
  answer(run: () => void, extraMs = 0): void {
    const { random, timeline } = this.world;
    timeline.after(1 + random.below(LATENCY_MS) + extraMs, () => this.deliver(run));
  }

  crash(): void {
    if (!this.alive) return;
    this.world.note(() => `${this.name} is dead`);
    this.alive = false;
    this.diedAtMs = this.world.nowMs;
    this.#held = [];
    for (const tell of this.onDeath.splice(0)) tell();
  }

  /** It stands still for a time, and what reaches it waits; its clock goes on, or stands still too. */
  freeze(ms: number, clock: "goes on" | "stands still"): void {
    if (!this.alive || this.frozen) return;
    const { timeline } = this.world;
    this.#frozenUntilMs = timeline.nowMs + ms;
    if (clock === "stands still") this.#stillSinceMs = timeline.nowMs;
    timeline.after(ms, () => {
      if (this.#stillSinceMs !== undefined) this.#stoodStillMs += timeline.nowMs - this.#stillSinceMs;
      this.#stillSinceMs = undefined;
      const held = this.#held;
      this.#held = [];
      for (const run of held) timeline.after(0, () => this.deliver(run));
    });
  }
}
