import type { FailureKind } from "../../model/failure.js";
import type { Call, ListCall, ListedThing, ResourceCall } from "../call.js";
import type { Harness } from "./harness.js";
import { SECOND, self } from "./policies.js";
import type { Random } from "./random.js";

/** Something that exists at a provider. */
export interface Thing {
  readonly key: string;
  readonly provider: string;
  readonly pool: string;
  /** Another installation made it; it may be anyone's after a while. */
  readonly isForeign: boolean;
  readonly expiresAtMs: number | undefined;
  readonly createdAtMs: number;
  /** Until then it is being made. */
  readonly readyAtMs: number;
  sick: boolean;
}

interface Step {
  readonly atMs: number;
  readonly call: Call;
  /** It tells the engine something, and is lost with the process; otherwise it happens at the provider, whoever lives. */
  readonly tells: boolean;
  readonly run: () => void;
}

const KINDS: readonly FailureKind[] = ["quota", "capacity", "throttled", "transient", "permanent", "unknown"];

/** Providers that take their time, fail, hang, answer late and lose answers, but never lie about what they are sure of. */
export class World {
  readonly things = new Map<string, Thing>();
  /** How likely a call goes wrong. */
  faults = 0.15;
  /** Providers where everything fails. */
  readonly outages = new Set<string>();
  /** Keys for which a reset succeeded since they were lent. */
  readonly clean = new Set<string>();
  /** Told when something comes into being. */
  made: (thing: Thing) => void = () => {};
  #strewn = 0;
  readonly #steps: Step[] = [];
  readonly #harness: Harness;
  readonly #random: Random;

  constructor(harness: Harness, random: Random) {
    this.#harness = harness;
    this.#random = random;
  }

  get nextAtMs(): number {
    let nextAtMs = Number.POSITIVE_INFINITY;
    for (const { atMs } of this.#steps) nextAtMs = Math.min(nextAtMs, atMs);
    return nextAtMs;
  }

  /** Whether a running allocate may still make something under a key. */
  get mayStillMake(): readonly string[] {
    return this.#steps.flatMap(({ call, tells }) => (call.kind === "allocate" && !tells ? [call.resource.key] : []));
  }

  /** Does the next thing that is due by now. */
  step(): void {
    let next = 0;
    for (let i = 1; i < this.#steps.length; i++) {
      if ((this.#steps[i] as Step).atMs < (this.#steps[next] as Step).atMs) next = i;
    }
    this.#steps.splice(next, 1)[0]?.run();
  }

  /** What was to be told to the process is lost with it; of what it had asked for, some never arrived. */
  processDied(): void {
    for (let i = this.#steps.length - 1; i >= 0; i--) {
      const { tells } = this.#steps[i] as Step;
      if (tells || this.#random.chance(0.3)) this.#steps.splice(i, 1);
    }
  }

  /** Somebody else makes something there. */
  strew(provider: string): void {
    const { nowMs } = this.#harness;
    const key = `foreign-${this.#strewn++}`;
    const expiresAtMs = this.#random.chance(0.5) ? nowMs + this.#random.below(600) * SECOND : undefined;
    const base = { key, provider, pool: "one", isForeign: true, expiresAtMs, createdAtMs: nowMs, readyAtMs: nowMs };
    this.things.set(key, { ...base, sick: false });
  }

  abort(call: Call): void {
    if (!this.#random.chance(0.7) || !this.#isRunning(call)) return;
    if (this.#random.chance(0.5)) this.#cancel(call, false);
    this.#cancel(call, true);
    const made = call.kind === "allocate" && !this.#willMake(call) && !this.#exists(call) && this.#random.chance(0.5);
    this.#tell(call, this.#in(2), () => this.#harness.fail(call, "unknown", made ? { made: "nothing" } : {}));
  }

  start(call: Call): void {
    const { nowMs } = this.#harness;
    this.#tell(call, nowMs + call.timeoutMs, () => {
      // Whatever it was to say, it says later.
      if (this.#isRunning(call)) this.#harness.expire(call);
    });
    if (call.kind === "list") return this.#list(call);
    if (call.kind !== "allocate") this.#endsAllocate(call);
    switch (call.kind) {
      case "allocate":
        return this.#allocate(call);
      case "delete":
        return this.#delete(call);
      case "check":
        return this.#check(call);
      case "find":
        return this.#find(call);
      case "reset":
        return this.#reset(call);
    }
  }

  #allocate(call: ResourceCall): void {
    const { nowMs } = this.#harness;
    const answersAtMs = this.#in(this.#takes(20, 150));
    const { settlesWithinMs } = call.provider.policy;
    const latest = settlesWithinMs === 0 ? Number.POSITIVE_INFINITY : nowMs + settlesWithinMs;
    const madeAtMs = Math.min(nowMs + (answersAtMs - nowMs) * this.#random.next(), latest);
    if (this.#random.chance(0.2)) {
      const data = { ...dataOf(call), soFar: true };
      this.#tell(call, madeAtMs, () => this.#harness.input((engine, now) => engine.checkpoint(call, data, now)));
    }
    if (!this.#goesWrong(call)) {
      this.#happen(call, madeAtMs, () => this.#make(call));
      return this.#tell(call, Math.max(answersAtMs, madeAtMs), () => this.#harness.succeed(call, dataOf(call)));
    }
    const fate = this.#random.below(10);
    const kind = this.#kind();
    if (fate < 4) return this.#tell(call, answersAtMs, () => this.#harness.fail(call, kind, { made: "nothing" }));
    if (fate < 7) this.#happen(call, madeAtMs, () => this.#make(call));
    // One in ten never comes to its end.
    if (fate > 0 && fate < 9) this.#tell(call, answersAtMs, () => this.#harness.fail(call, kind));
  }

  #make(call: ResourceCall): void {
    const { nowMs } = this.#harness;
    const thing: Thing = {
      key: call.resource.key,
      provider: call.provider.name,
      pool: call.pool.name,
      isForeign: false,
      expiresAtMs: undefined,
      createdAtMs: nowMs,
      readyAtMs: this.#random.chance(0.8) ? nowMs : nowMs + 20 * SECOND,
      sick: this.faults > 0 && this.#random.chance(0.03),
    };
    this.things.set(thing.key, thing);
    this.made(thing);
  }

  #delete(call: ResourceCall): void {
    const atMs = this.#in(this.#takes(8, 200));
    const wrong = this.#goesWrong(call);
    const sampledAtMs = this.#between(atMs);
    if (!wrong || this.#random.chance(0.3))
      this.#happen(call, sampledAtMs, () => this.things.delete(call.resource.key));
    if (wrong && this.#random.chance(0.1)) return;
    const kind = this.#kind();
    this.#tell(call, atMs, () => (wrong ? this.#harness.fail(call, kind) : this.#harness.succeed(call)));
  }

  #check(call: ResourceCall): void {
    const atMs = this.#in(this.#takes(2, 30));
    const wrong = this.#goesWrong(call);
    const kind = this.#kind();
    this.#tell(call, atMs, () => {
      const thing = this.things.get(call.resource.key);
      if (wrong && kind !== "permanent" && kind !== "unknown" && kind !== "capacity")
        return this.#harness.fail(call, kind);
      const status = thing === undefined || thing.sick ? "unhealthy" : wrong ? "unknown" : "healthy";
      this.#harness.answer(call, { outcome: { kind: "check", health: { status } } });
    });
  }

  #find(call: ResourceCall): void {
    const atMs = this.#in(this.#takes(3, 100));
    const wrong = this.#goesWrong(call);
    const kind = this.#kind();
    let seen: Thing | undefined;
    let seenAtMs = 0;
    this.#happen(call, this.#between(atMs), () => {
      seen = this.things.get(call.resource.key);
      seenAtMs = this.#harness.nowMs;
    });
    this.#tell(call, atMs, () => {
      if (wrong) return this.#harness.fail(call, kind);
      const data = dataOf(call);
      const status =
        seen === undefined ? "absent" : seen.readyAtMs > seenAtMs ? "pending" : seen.sick ? "broken" : "ready";
      this.#harness.answer(call, {
        outcome: { kind: "find", found: status === "absent" ? { status } : { status, data } },
      });
    });
  }

  #reset(call: ResourceCall): void {
    const atMs = this.#in(this.#takes(5, 200));
    const wrong = this.#goesWrong(call);
    const kind = this.#kind();
    this.#tell(call, atMs, () => {
      if (wrong) return this.#harness.fail(call, kind);
      this.clean.add(call.resource.key);
      this.#harness.succeed(call);
    });
  }

  /** A listing takes a while, and has seen each thing at some moment of it. */
  #list(call: ListCall): void {
    const atMs = this.#in(this.#takes(5, 100));
    const wrong = this.#goesWrong(call);
    const kind = this.#kind();
    const atFirst = new Map([...this.things].filter(() => this.#random.chance(0.5)));
    const early = new Set([...this.things.keys()].filter((key) => atFirst.has(key)));
    const lateKeys = new Set([...this.things.keys()].filter((key) => !early.has(key)));
    this.#tell(call, atMs, () => {
      if (wrong) return this.#harness.fail(call, kind);
      const seen = new Map(atFirst);
      // What is new may be in it or not; what was to be seen at the end is there only if it still is.
      for (const [key, thing] of this.things) if (lateKeys.has(key) || this.#random.chance(0.5)) seen.set(key, thing);
      const things = [...seen.values()].filter(({ provider }) => provider === call.provider.name).map(listing);
      this.#harness.listed(things, call);
    });
  }

  /** A provider that settles at once ends a running allocate before it looks at its key. */
  #endsAllocate(call: ResourceCall): void {
    if (call.provider.policy.settlesWithinMs > 0) return;
    const ended = new Set<Call>();
    for (const { call: other } of this.#steps) {
      if (other.kind === "allocate" && other.resource.key === call.resource.key) ended.add(other);
    }
    for (const other of ended) {
      this.#cancel(other, false);
      this.#cancel(other, true);
      this.#tell(other, this.#in(1), () => this.#harness.fail(other, "unknown"));
    }
  }

  #goesWrong(call: Call): boolean {
    return this.#random.chance(this.outages.has(call.provider.name) ? 0.9 : this.faults);
  }

  #takes(usually: number, sometimes: number): number {
    return this.faults > 0 && this.#random.chance(0.07) ? sometimes : usually;
  }

  #kind(): FailureKind {
    return this.#random.pick(KINDS) as FailureKind;
  }

  #in(seconds: number): number {
    return this.#harness.nowMs + Math.ceil(this.#random.next() * seconds * SECOND);
  }

  #between(atMs: number): number {
    const { nowMs } = this.#harness;
    return nowMs + Math.floor((atMs - nowMs) * this.#random.next());
  }

  #happen(call: Call, atMs: number, run: () => void): void {
    this.#steps.push({ atMs, call, tells: false, run });
  }

  #tell(call: Call, atMs: number, run: () => void): void {
    this.#steps.push({
      atMs,
      call,
      tells: true,
      run: () => {
        if (this.#isRunning(call)) run();
      },
    });
  }

  #cancel(call: Call, tells: boolean): void {
    for (let i = this.#steps.length - 1; i >= 0; i--) {
      const step = this.#steps[i] as Step;
      if (step.call === call && step.tells === tells) this.#steps.splice(i, 1);
    }
  }

  #willMake(call: Call): boolean {
    return this.#steps.some((step) => step.call === call && !step.tells);
  }

  #exists(call: Call): boolean {
    return call.kind !== "list" && this.things.has(call.resource.key);
  }

  #isRunning(call: Call): boolean {
    return this.#harness.running.includes(call);
  }
}

function listing({ key, pool, isForeign, expiresAtMs, createdAtMs }: Thing): ListedThing {
  const installation = isForeign ? "stranger" : self.installation;
  return { key, createdAtMs, tags: { namespace: "test", installation, pool, expiresAtMs }, data: { at: key } };
}

/** What `allocate` and `find` say of a thing. */
function dataOf({ resource }: ResourceCall): { readonly at: string; readonly slot: number } {
  return { at: resource.key, slot: resource.slot };
}
