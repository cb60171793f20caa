import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Thing } from "./process-table.ts";
import { type Command, type OnRecord, POOLS, type PoolName } from "./protocol.ts";
import type { Grant, Rule } from "./referee.ts";

/** What can be done wrong on purpose, and a rule that it breaks. */
export const SABOTAGES = {
  /** A process that nobody made. */
  stray: "leak",
  /** More of them than a pool may have. */
  crowd: "cap",
  /** A second process of a key. */
  twin: "made-twice",
  /** The process of a lease is ended, and nobody is told. */
  murder: "deleted-under-holder",
  /** A resource is lent a second time. */
  "lend-twice": "lent-twice",
  /** A lease bears the token of another. */
  "old-token": "token",
  /** A lease ends that its holder wants to keep. */
  "end-lease": "lost",
  /** The store becomes what it was some lives ago. */
  rollback: "leak",
} as const satisfies Record<string, Rule>;

export type Sabotage = keyof typeof SABOTAGES;

/** The lives in which it happens: when there is something to be broken. */
const FROM_LIFE = 3;
const FILES = ["pool.db", "pool.db-wal"];

/** Breaks a rule whenever there is something to be broken, until the referee finds out. */
export class Saboteur {
  readonly #kind: Sabotage | undefined;
  readonly #folder: string;
  readonly #isFoundOut: (rule: Rule) => boolean;
  #life = 0;
  #isRolledBack = false;
  /** Keys that the copy of the store may know. */
  #copied: Set<string> | undefined;

  constructor(kind: Sabotage | undefined, folder: string, isFoundOut: (rule: Rule) => boolean) {
    this.#kind = kind;
    this.#folder = folder;
    this.#isFoundOut = isFoundOut;
  }

  /** Nothing was to be broken yet, or nobody saw it: a holder may go before anybody looks. */
  get isWaiting(): boolean {
    return this.#kind !== undefined && !this.#isFoundOut(SABOTAGES[this.#kind]);
  }

  /** Between two lives. */
  betweenLives(things: readonly Thing[]): void {
    this.#life += 1;
    if (this.#kind !== "rollback" || this.#isRolledBack) return;
    const copy = (from: string, to: string) => {
      for (const file of FILES) if (existsSync(from + file)) copyFileSync(from + file, to + file);
    };
    const [store, aside] = [join(this.#folder, "/"), join(this.#folder, "aside-")];
    if (this.#life === FROM_LIFE) copy(store, aside);
    // Nobody lists those of the plain pool: one that the copy doesn't know is never found again.
    const isUnknown = ({ key, pool }: Thing) => pool === "plain" && this.#copied?.has(key) === false;
    if (!things.some(isUnknown)) return;
    copy(aside, store);
    this.#isRolledBack = true;
  }

  /** A manager has opened the store. */
  opened(onRecord: readonly OnRecord[], things: readonly Thing[]): void {
    if (this.#life >= FROM_LIFE) this.#copied ??= new Set([...onRecord, ...things].map(({ key }) => key));
    if (this.#isTime("stray")) this.#start("wp-strayaaa-aaaaaa-1", "plain");
    if (this.#isTime("crowd")) {
      for (let n = 0; n <= POOLS.plain.max; n += 1) this.#start(`wp-strayaaa-aaaaaa-${n}`, "plain");
    }
    const [thing] = things;
    if (thing !== undefined && this.#isTime("twin")) this.#start(thing.key, thing.pool);
  }

  /** A durable lease has just been granted. `lendAgain` tells the referee of another one, to a client of ours. */
  granted(
    { client, key, token, ticket }: Grant & { client: string },
    things: readonly Thing[],
    send: (command: Command) => void,
    lendAgain: (grant: Grant) => void,
  ): void {
    const thing = things.find((each) => each.key === key);
    if (thing !== undefined && this.#isTime("murder")) process.kill(thing.pid, "SIGKILL");
    if (this.#isTime("lend-twice")) lendAgain({ ticket: ticket + 1_000_000, token: token + 1_000_000, key });
    if (this.#isTime("old-token")) lendAgain({ ticket: ticket + 1_000_000, token, key });
    if (this.#isTime("end-lease")) send({ do: "release", client });
  }

  #isTime(kind: Sabotage): boolean {
    return this.#kind === kind && this.isWaiting && this.#life >= FROM_LIFE;
  }

  /** As scripts/thing.sh does. */
  #start(key: string, pool: PoolName): void {
    const things = join(this.#folder, "things");
    const folder = join(things, POOLS[pool].provider, key);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, pool), "");
    spawn("tail", ["-f", `--pid=${process.pid}`, join(folder, pool)], {
      stdio: "ignore",
      env: { ...process.env, THINGS: things },
    });
  }
}
