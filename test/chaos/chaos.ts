import { setTimeout as pause } from "node:timers/promises";
import { Random } from "../../packages/testing/src/simulator/random.ts";
import { Crowd } from "./crowd.ts";
import { type Death, drawDeath, LONGEST_MS } from "./death.ts";
import { Life } from "./life.ts";
import { runningInFolder, type Thing } from "./process-table.ts";
import type { Command, OnRecord, PoolName, Report, StoreName } from "./protocol.ts";
import { type Grant, Referee, type Rule, type Violation } from "./referee.ts";
import { comes, describe, isAtRest } from "./rest.ts";
import { type Sabotage, Saboteur } from "./saboteur.ts";
import { Site } from "./site.ts";

export interface ChaosOptions {
  readonly kills: number;
  readonly seed: number;
  /** Default: `"sqlite"`. */
  readonly store?: StoreName;
  /** Breaks a rule on purpose, until it is found out. */
  readonly sabotage?: Sabotage | undefined;
  /** Leaves the folder behind if a rule was broken, with everything that was said in `trace`, and `state/logs` of scripts. */
  readonly keep?: boolean;
  /** Ends the run at once, and all that it started. */
  readonly signal?: AbortSignal;
  readonly log: (line: string) => void;
}

export interface Figures {
  readonly kills: number;
  readonly restarts: number;
  readonly leases: number;
  readonly resources: number;
  /** How often a lease was, after a kill, what it had been before. */
  readonly survived: number;
  /** Leases that expired, or whose resource was killed or sick. */
  readonly ended: number;
  /** Resources that were killed from outside or found sick. */
  readonly excused: number;
  /** Looks at the process table. */
  readonly looks: number;
  readonly most: Readonly<Record<string, number>>;
  readonly deaths: Readonly<Record<string, number>>;
  readonly violations: readonly Violation[];
}

/** How often the process table is looked at, and clients do what is due. */
const LOOK_EVERY_MS = 25;
const ACT_EVERY_MS = 5;
/** How many times as many kills there are for as long as a sabotage has not been found out. */
const UNSEEN = 4;

/** Kills managers at random moments, and starts the next on the same file. */
export async function runChaos(options: ChaosOptions): Promise<Figures> {
  const run = new Run(options);
  options.signal?.addEventListener("abort", () => run.cleanUp());
  try {
    return await run.play();
  } finally {
    run.cleanUp();
  }
}

class Run {
  readonly #options: ChaosOptions;
  readonly #site = new Site();
  readonly #dice: Random;
  readonly #referee: Referee;
  readonly #crowd: Crowd;
  readonly #deaths: Record<string, number> = {};
  readonly #saboteur: Saboteur;
  /** Whoever lives at present. */
  readonly #manager = { send: (command: Command) => this.#send(command) };
  #life: Life | undefined;
  /** Started before its time: it waits for the store. */
  #next: Life | undefined;
  #hasMet = false;
  readonly #trace: string[] = [];
  #death: Death | undefined;
  #heard: Record<string, number> = {};
  /** Calls for whoever waits for a report. */
  readonly #waiting = new Map<Report["told"], (report: Report) => void>();
  #things: readonly Thing[] = [];

  constructor(options: ChaosOptions) {
    this.#options = options;
    const now = () => performance.now();
    this.#dice = new Random(options.seed);
    const referee = new Referee(now, (key) => this.#site.isExcused(key));
    this.#referee = referee;
    const isFoundOut = (broken: Rule) => referee.violations.some(({ rule }) => rule === broken);
    this.#saboteur = new Saboteur(options.sabotage, this.#site.folder, isFoundOut);
    this.#crowd = new Crowd(this.#dice, this.#referee, now, (grant, pool) => this.#leased(grant, pool));
  }

  async play(): Promise<Figures> {
    const { kills, log } = this.#options;
    const look = setInterval(() => this.#look(), LOOK_EVERY_MS);
    const act = setInterval(() => this.#crowd.act(), ACT_EVERY_MS);
    let killed = 0;
    try {
      const most = this.#options.sabotage === undefined ? kills : UNSEEN * kills;
      while ((killed < kills || (killed < most && this.#saboteur.isWaiting)) && (await this.#liveAndDie())) {
        killed += 1;
        if (killed % 25 === 0) log(`${killed} kills, ${this.#summary()}`);
      }
      await this.#settle();
    } finally {
      clearInterval(look);
      clearInterval(act);
    }
    const { leases, resources, survived, ended, looks, most, violations } = this.#referee;
    const [excused, deaths] = [this.#site.excused, this.#deaths];
    const counts = { kills: killed, restarts: killed, leases, resources, survived, ended, excused, looks };
    return { ...counts, most, deaths, violations };
  }

  cleanUp(): void {
    this.#life?.kill();
    this.#next?.kill();
    const { keep, log } = this.#options;
    const isKept = keep === true && this.#referee.violations.length > 0;
    this.#site.cleanUp(isKept ? this.#trace : undefined);
    if (isKept) log(`kept ${this.#site.folder}`);
  }

  // ── Lives ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** One life, and its violent end. @returns `false` when it ended by itself. */
  async #liveAndDie(): Promise<boolean> {
    const dice = this.#dice;
    const death = drawDeath(dice);
    this.#death = death;
    this.#deaths[death.after] = (this.#deaths[death.after] ?? 0) + 1;
    const life = this.#begin();
    // Some don't wait until it is ready, and neither should they have to.
    if (dice.chance(0.4)) this.#meet();
    if (dice.chance(0.1)) setTimeout(() => life.freeze(dice.between(20, 800)), dice.between(0, 600));
    this.#noteForDeath("start");
    const problem = await life.ended();
    this.#crowd.part(this.#manager);
    this.#referee.lifeEnded();
    this.#note({ life: "ended" });
    if (problem !== undefined) this.#referee.note("crash", problem);
    // Scripts of the dead may go on for a while before anybody comes.
    if (dice.chance(0.3)) await pause(dice.between(0, 250));
    return problem === undefined;
  }

  #startNext(): Life {
    const { seed, store = "sqlite" } = this.#options;
    const fsyncDelayMs = this.#dice.chance(0.3) ? this.#dice.between(1, 20) : 0;
    this.#next ??= new Life(this.#site.folder, String(seed), String(fsyncDelayMs), store);
    return this.#next;
  }

  #begin(): Life {
    this.#heard = {};
    this.#hasMet = false;
    this.#saboteur.betweenLives(this.#look());
    // One that waits for the store may have it, and say so, before we hear that the one before is dead.
    const waited = this.#next !== undefined;
    this.#referee.lifeBegins(waited ? this.#life?.killedAtMs : undefined);
    this.#note({ life: "begins", waited, death: this.#death });
    const now = this.#look();
    const before = waited ? [] : now;
    this.#life = this.#startNext();
    this.#next = undefined;
    this.#life.listen((report) => this.#hear(report, before));
    return this.#life;
  }

  #meet(): void {
    if (this.#hasMet) return;
    this.#hasMet = true;
    this.#crowd.meet(this.#manager);
  }

  #send(command: Command): void {
    this.#note(command);
    this.#life?.send(command);
  }

  #note(what: object): void {
    if (this.#options.keep) this.#trace.push(`${new Date().toISOString()} ${JSON.stringify(what)}`);
  }

  #hear(report: Report, before: readonly Thing[]): void {
    this.#note(report);
    if (report.told === "open") {
      this.#census(report.onRecord, before);
      this.#saboteur.opened(report.onRecord, this.#things);
      this.#meet();
      if (this.#death !== undefined) this.#limit(this.#life);
    } else {
      this.#crowd.hear(report);
    }
    this.#waiting.get(report.told)?.(report);
    this.#noteForDeath(report.told);
  }

  /** It has the store. It will not have it for long, and sometimes the next one is there already and waits for it. */
  #limit(life: Life | undefined): void {
    setTimeout(() => life?.kill(), LONGEST_MS).unref();
    if (!this.#dice.chance(0.2)) return;
    const start = () => {
      if (this.#life === life) this.#startNext();
    };
    setTimeout(start, this.#dice.between(0, 400)).unref();
  }

  #noteForDeath(what: Death["after"]): void {
    this.#heard[what] = (this.#heard[what] ?? 0) + 1;
    const { after, nth, delayMs } = this.#death ?? { after: "" };
    if (after !== what || this.#heard[what] !== nth) return;
    const life = this.#life;
    if (delayMs === 0) life?.kill();
    else setTimeout(() => life?.kill(), delayMs);
  }

  /** The last life: nobody new comes, and everything has to come to rest. */
  async #settle(): Promise<void> {
    this.#death = undefined;
    this.#crowd.isLeaving = true;
    const life = this.#begin();
    const isOver = life.ended().then((problem) => {
      if (problem !== undefined) this.#referee.note("crash", problem);
      return problem !== undefined;
    });
    const rest = async () => {
      if (
        !(await comes(
          this.#referee,
          () => this.#crowd.size === 0,
          () => `clients wait: ${this.#crowd.names.join(", ")}`,
        ))
      )
        return;
      let onRecord: readonly OnRecord[] = [];
      const atRest = async () => {
        onRecord = await this.#ask("census");
        this.#census(onRecord, this.#things);
        return isAtRest(onRecord, this.#things);
      };
      const differs = () => `on record ${describe(onRecord)}; running ${this.#things.map(({ key }) => key).join(", ")}`;
      if (!(await comes(this.#referee, atRest, differs))) return;
      let drained = false;
      void this.#ask("drain").then(() => {
        drained = true;
      });
      if (
        !(await comes(
          this.#referee,
          () => drained,
          () => `the pools are not drained: ${this.#things.map(({ key }) => key).join(", ")} run`,
        ))
      )
        return;
      onRecord = await this.#ask("census");
      if (onRecord.length > 0) this.#referee.note("leak", `drained, and on record: ${describe(onRecord)}`);
      for (const { key, pid } of this.#look()) this.#referee.note("leak", `${key} still runs, as process ${pid}`);
    };
    if (await Promise.race([isOver, rest()])) return;
    life.leave();
    await isOver;
    for (const { pid } of runningInFolder(this.#site.folder)) this.#referee.note("leak", `process ${pid} still runs`);
  }

  async #ask(what: "census" | "drain"): Promise<readonly OnRecord[]> {
    const told = what === "census" ? "census" : "drained";
    return await new Promise((resolve) => {
      this.#waiting.set(told, (report) => resolve("onRecord" in report ? report.onRecord : []));
      this.#send({ do: what });
    });
  }

  // ── Evidence ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #look(): readonly Thing[] {
    this.#things = this.#site.look();
    this.#referee.sees(this.#things, () => this.#site.look());
    // What a saboteur did must not look like this.
    const mayStrike = this.#death !== undefined && this.#options.sabotage === undefined;
    if (mayStrike && this.#dice.chance(0.01)) this.#site.strike(this.#dice);
    return this.#things;
  }

  #census(onRecord: readonly OnRecord[], before: readonly Thing[]): void {
    this.#referee.census(new Set(onRecord.map(({ key }) => key)), before, this.#site.look());
  }

  #leased(grant: Grant & { client: string }, pool: PoolName): void {
    const { key, client } = grant;
    this.#site.soil(key, pool, this.#referee);
    if (!client.startsWith("durable")) return;
    const lendAgain = (again: Grant) => {
      this.#referee.asks("saboteur", "durable", pool);
      this.#referee.granted("saboteur", again);
    };
    this.#saboteur.granted(grant, this.#things, (command) => this.#send(command), lendAgain);
  }

  #summary(): string {
    const { leases, resources, violations } = this.#referee;
    return `${leases} leases, ${resources} resources, ${violations.length} violations`;
  }
}
