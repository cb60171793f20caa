import { startPostgres } from "@warmpool/test-postgres";
import { Cable } from "../../packages/store-postgres/test/cable.ts";
import { Random } from "../../packages/testing/src/simulator/random.ts";
import { Crowd } from "./crowd.ts";
import { Member } from "./member.ts";
import type { Thing } from "./process-table.ts";
import { type OnRecord, type PoolName, type Report, SHARED } from "./protocol.ts";
import { type Grant, type Lease, Referee, type Violation } from "./referee.ts";
import { comes, describe, isAtRest } from "./rest.ts";
import { Site } from "./site.ts";

export interface SharedChaosOptions {
  readonly processes: number;
  readonly seconds: number;
  readonly seed: number;
  /** Leaves the folder behind if a rule was broken, with everything that was said in `trace`. */
  readonly keep?: boolean;
  /** Ends the run at once, and all that it started. */
  readonly signal?: AbortSignal;
  readonly log: (line: string) => void;
}

export interface SharedFigures {
  readonly processes: number;
  readonly kills: number;
  readonly freezes: number;
  readonly cuts: number;
  readonly stalls: number;
  readonly closes: number;
  readonly leases: number;
  readonly resources: number;
  /** Acquires and requests that were granted, by the second. */
  readonly grantsPerSecond: number;
  /** From the loss of whoever led to the next grant, milliseconds. */
  readonly failoverMs: { readonly median: number; readonly worst: number };
  readonly survived: number;
  readonly ended: number;
  readonly excused: number;
  readonly looks: number;
  readonly most: Readonly<Record<string, number>>;
  readonly violations: readonly Violation[];
}

const LOOK_EVERY_MS = 50;
const ACT_EVERY_MS = 5;
/** Between two faults. */
const CALM_MS = { least: 100, most: 1_200 };

/** Several managers on one database, of which one leads: they are killed, frozen, cut off and closed at random. */
export async function runSharedChaos(options: SharedChaosOptions): Promise<SharedFigures> {
  const server = await startPostgres();
  const run = new SharedRun(options, server.url);
  options.signal?.addEventListener("abort", () => run.cleanUp());
  try {
    return await run.play();
  } finally {
    run.cleanUp();
    await server.stop();
  }
}

class SharedRun {
  readonly #options: SharedChaosOptions;
  readonly #url: string;
  readonly #site = new Site();
  readonly #dice: Random;
  readonly #referee: Referee;
  readonly #crowd: Crowd;
  readonly #members = new Set<Member>();
  readonly #trace: string[] = [];
  readonly #counts = { kills: 0, freezes: 0, cuts: 0, stalls: 0, closes: 0 };
  readonly #failovers: number[] = [];
  /** When a manager was lost that may have led, and nothing was granted since. */
  #lostAtMs: number | undefined;
  #began = 0;
  #isAtPeace = false;
  #things: readonly Thing[] = [];

  constructor(options: SharedChaosOptions, url: string) {
    this.#options = options;
    this.#url = url;
    const now = () => performance.now();
    this.#dice = new Random(options.seed);
    this.#referee = new Referee(
      now,
      (key) => this.#site.isExcused(key),
      (lease, nowMs) => this.#mayHaveLapsed(lease, nowMs),
    );
    const leased = (grant: Grant & { client: string }, pool: PoolName) =>
      this.#site.soil(grant.key, pool, this.#referee);
    this.#crowd = new Crowd(this.#dice, this.#referee, now, leased, SHARED);
  }

  async play(): Promise<SharedFigures> {
    const { processes, seconds, log } = this.#options;
    // One time for all: the referee's lives are those of single managers.
    this.#referee.lifeBegins();
    const look = setInterval(() => this.#look(), LOOK_EVERY_MS);
    const act = setInterval(() => this.#crowd.act(), ACT_EVERY_MS);
    const startedAtMs = performance.now();
    try {
      for (let n = 0; n < processes; n += 1) await this.#begin();
      let toldAtMs = startedAtMs;
      while (performance.now() - startedAtMs < seconds * 1_000) {
        await this.#calm();
        await this.#harm();
        if (performance.now() - toldAtMs < 15_000) continue;
        toldAtMs = performance.now();
        log(`${Math.round((toldAtMs - startedAtMs) / 1_000)} s, ${this.#summary()}`);
      }
      const grantsPerSecond = this.#referee.leases / ((performance.now() - startedAtMs) / 1_000);
      await this.#settle();
      return this.#figures(grantsPerSecond);
    } finally {
      clearInterval(look);
      clearInterval(act);
    }
  }

  cleanUp(): void {
    for (const member of this.#members) member.kill();
    const { keep, log } = this.#options;
    const isKept = keep === true && this.#referee.violations.length > 0;
    this.#site.cleanUp(isKept ? this.#trace : undefined);
    if (isKept) log(`kept ${this.#site.folder}`);
  }

  #figures(grantsPerSecond: number): SharedFigures {
    const { leases, resources, survived, ended, looks, most, violations } = this.#referee;
    const sorted = [...this.#failovers].sort((a, b) => a - b);
    const failoverMs = {
      median: Math.round(sorted[sorted.length >> 1] ?? 0),
      worst: Math.round(sorted.at(-1) ?? 0),
    };
    const rate = Math.round(grantsPerSecond * 10) / 10;
    const counts = { processes: this.#options.processes, ...this.#counts, leases, resources, grantsPerSecond: rate };
    return { ...counts, failoverMs, survived, ended, excused: this.#site.excused, looks, most, violations };
  }

  // ── Managers ───────────────────────────────────────────────────────────────────────────────────────────────────────

  async #begin(): Promise<void> {
    // The first and the second could lead: there is always somebody who can.
    const role = [...this.#members].filter((member) => member.role === "auto").length < 2 ? "auto" : this.#drawRole();
    this.#began += 1;
    const cable = await Cable.to(this.#url);
    const args = [this.#site.folder, String(this.#options.seed), "0", "postgres", cable.url, role];
    const member = new Member(`m${this.#began}`, role, cable, args);
    this.#members.add(member);
    this.#note({ member: member.name, begins: role });
    member.life.listen((report) => this.#hear(member, report));
    void member.life.ended().then((problem) => this.#ended(member, problem));
  }

  #drawRole(): "auto" | "client" {
    return this.#dice.chance(0.3) ? "client" : "auto";
  }

  #hear(member: Member, report: Report): void {
    this.#note({ member: member.name, ...report });
    member.hear(report);
    if (report.told === "open") {
      if (!this.#isAtPeace || this.#crowd.size > 0) this.#crowd.meet(member);
      return;
    }
    if (report.told === "granted" && this.#lostAtMs !== undefined) {
      this.#failovers.push(performance.now() - this.#lostAtMs);
      this.#lostAtMs = undefined;
    }
    // Who closes says so to everybody who asked: they turn to another when it is gone.
    if (report.told === "refused" && report.code === "POOL_CLOSED" && member.isLeaving) return;
    this.#crowd.hear(report);
  }

  #ended(member: Member, problem: string | undefined): void {
    member.isOver = true;
    this.#members.delete(member);
    this.#crowd.part(member);
    void member.cable.pull();
    this.#note({ member: member.name, ended: problem ?? "as it was meant to" });
    if (problem !== undefined) this.#referee.note("crash", `${member.name}: ${problem}`);
  }

  // ── Faults ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  async #calm(): Promise<void> {
    const ms = this.#dice.between(CALM_MS.least, CALM_MS.most);
    await new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** Something happens to one of them; and those that are gone are replaced. */
  async #harm(): Promise<void> {
    if (this.#members.size < this.#options.processes) return await this.#begin();
    const well = [...this.#members].filter((member) => member.isWell);
    // Somebody has to be left, or nothing would ever be granted.
    if (well.length < 2) return;
    const dice = this.#dice;
    const member = dice.pick(well);
    const what = dice.pick(["kill", "kill", "freeze", "cut", "stall", "close", "strike"] as const);
    this.#note({ member: member.name, harm: what });
    if (what === "strike") return this.#site.strike(dice);
    if (member.role === "auto") this.#lostAtMs ??= performance.now();
    switch (what) {
      case "kill":
        this.#counts.kills += 1;
        return member.kill();
      case "freeze":
        this.#counts.freezes += 1;
        return member.freeze(dice.between(100, 5_000));
      case "cut":
        this.#counts.cuts += 1;
        return member.cut(dice.between(100, 5_000));
      case "stall":
        this.#counts.stalls += 1;
        return member.stall(dice.between(100, 5_000));
      case "close":
        this.#counts.closes += 1;
        return member.leave();
    }
  }

  /** Nobody new comes, nothing happens any more, and everything has to come to rest. */
  async #settle(): Promise<void> {
    this.#isAtPeace = true;
    this.#crowd.isLeaving = true;
    for (const member of this.#members) member.mend();
    while (this.#members.size < 2) await this.#begin();
    const clientsWait = () => `clients wait: ${this.#crowd.names.join(", ")}`;
    if (!(await comes(this.#referee, () => this.#crowd.size === 0, clientsWait))) return;
    const [asked] = [...this.#members].filter((member) => member.role === "auto");
    if (asked === undefined) return this.#referee.note("stuck", "nobody is left who could lead");
    let onRecord: readonly OnRecord[] = [];
    const atRest = async () => {
      onRecord = (await asked.ask({ do: "census" })).onRecord;
      return isAtRest(onRecord, this.#things);
    };
    const differs = () => `on record ${describe(onRecord)}; running ${this.#things.map(({ key }) => key).join(", ")}`;
    if (!(await comes(this.#referee, atRest, differs))) return;
    let isDrained = false;
    void asked.ask({ do: "drain" }).then(() => {
      isDrained = true;
    });
    if (
      !(await comes(
        this.#referee,
        () => isDrained,
        () => `the pools are not drained: ${this.#things.map(({ key }) => key).join(", ")} run`,
      ))
    )
      return;
    const left = (await asked.ask({ do: "census" })).onRecord;
    if (left.length > 0) this.#referee.note("leak", `drained, and on record: ${describe(left)}`);
    for (const { key, pid } of this.#look()) this.#referee.note("leak", `${key} still runs, as process ${pid}`);
    const ends = [...this.#members].map((member) => member.life.ended());
    for (const member of this.#members) member.leave();
    await Promise.all(ends);
  }

  // ── Evidence ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #look(): readonly Thing[] {
    this.#things = this.#site.look();
    this.#referee.sees(this.#things, () => this.#site.look());
    return this.#things;
  }

  /**
   * A lease that its process renews may be over when the process could not for most of its ttl; one that its holder renews,
   * when he was not answered for that long. Elections and a busy machine take their part of it.
   */
  #mayHaveLapsed({ client, kind, baseMs }: Lease, nowMs: number): boolean {
    const member = this.#crowd.managerOf(client);
    // Whoever held it by a process that is gone has nothing any more.
    if (!(member instanceof Member) || member.silentMs(baseMs, nowMs) > SHARED.ttlMs / 2) return true;
    return kind === "ttl" && nowMs - baseMs > SHARED.ttlMs * 0.9;
  }

  #note(what: object): void {
    if (this.#options.keep) this.#trace.push(`${new Date().toISOString()} ${JSON.stringify(what)}`);
  }

  #summary(): string {
    const { leases, resources, violations } = this.#referee;
    return `${leases} leases, ${resources} resources, ${violations.length} violations`;
  }
}
