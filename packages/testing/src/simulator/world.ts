import type { FaultPlan } from "./fault-plan.js";
import type { Random } from "./random.js";
import { Timeline } from "./timeline.js";

/** A promise that was not kept. */
export interface Violation {
  /** Name of the rule. */
  readonly rule: string;
  readonly what: string;
  readonly atMs: number;
  readonly step: number;
}

/** What everything in one simulated run shares: time, chance, faults, and the list of what went wrong. */
export class World {
  readonly timeline = new Timeline();
  readonly random: Random;
  readonly plan: FaultPlan;
  readonly violations: Violation[] = [];
  /** What happened, line by line, when somebody wants to read it. */
  readonly trace: string[] | undefined;
  /** Events that managers told of. */
  events = 0;
  /** Two runs that had the same one went the same way. */
  fingerprint = 2_166_136_261;

  constructor(random: Random, plan: (now: () => number) => FaultPlan, traced: boolean) {
    this.random = random;
    this.plan = plan(() => this.timeline.nowMs);
    this.trace = traced ? [] : undefined;
    this.plan.onStrike = ({ fault, target }, number) => {
      this.mix(number);
      this.note(() => `FAULT ${number}: ${fault} (${target})`);
    };
  }

  get traced(): boolean {
    return this.trace !== undefined;
  }

  get nowMs(): number {
    return this.timeline.nowMs;
  }

  violated(rule: string, what: string): void {
    this.note(() => `VIOLATION ${rule}: ${what}`);
    this.violations.push({ rule, what, atMs: this.nowMs, step: this.timeline.steps });
  }

  note(line: () => string): void {
    this.trace?.push(`${String(this.nowMs).padStart(8)} ms  ${line()}`);
  }

  mix(number: number): void {
    this.fingerprint = Math.imul(this.fingerprint ^ number, 16_777_619) >>> 0;
  }
}
