import assert from "node:assert/strict";
import { formatKey, type Provider } from "@warmpool/core";
import { Caller } from "./caller.js";
import { isPassing, messageOf } from "./failure.js";
import type { ProviderHarness } from "./harness.js";
import { throughout, until } from "./patience.js";
import type { Attempt, Thing } from "./thing.js";

/** What all cases of one suite share. */
export interface SuiteRun {
  /** Longest that one call, and one wait for the provider, may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether data must survive JSON; otherwise it is handed on as it is. */
  readonly json: boolean;
  /** Drawn once, so that things left behind by another run are no business of this one. */
  readonly installation: string;
  /** How long the latest undisturbed `allocate` took, in milliseconds; `undefined` before the first. */
  allocateMs: number | undefined;
}

const NAMESPACE = "provider-suite";

/** After so long anyone may delete what a run that died left behind. */
const EXPIRES_IN_MS = 3_600_000;

/**
 * A provider in its outside world, as one case sees it: knows what must exist, waits until it does, and deletes
 * everything in the end. Single calls go through `calls`.
 */
export class World {
  readonly harness: ProviderHarness<unknown, unknown>;
  readonly run: SuiteRun;
  readonly #epochId: string;
  readonly #countBefore: number;
  readonly #things: Thing[] = [];
  readonly #attempts: Attempt[] = [];
  #calls: Caller;
  #epoch = 1;
  #nextId = 1;

  private constructor(harness: ProviderHarness<unknown, unknown>, run: SuiteRun, epochId: string, countBefore: number) {
    this.harness = harness;
    this.run = run;
    this.#epochId = epochId;
    this.#countBefore = countBefore;
    this.#calls = this.#caller(harness.provider);
  }

  static async open(harness: ProviderHarness<unknown, unknown>, run: SuiteRun, epochId: string): Promise<World> {
    return new World(harness, run, epochId, (await harness.count?.()) ?? 0);
  }

  get provider(): Provider<unknown, unknown> {
    return this.#calls.provider;
  }

  /** Calls of the provider, one each, without patience. */
  get calls(): Caller {
    return this.#calls;
  }

  /** Whether the provider can be asked about one thing among several. */
  get tellsApart(): boolean {
    return this.provider.find !== undefined || this.provider.list !== undefined;
  }

  /** From now on the provider is one that a new process made. */
  async restart(): Promise<void> {
    assert.ok(this.harness.restart, "the harness has no restart");
    this.#epoch += 1;
    this.#calls = this.#caller(await this.harness.restart());
  }

  /**
   * A thing that is not made yet, in the smallest free slot, under a key of its own.
   *
   * @param options.id Number at the end of the key. Default: the next one.
   * @param options.expires Whether it bears the moment after which anyone may delete it. Default: `true`.
   */
  name(options: { id?: number; expires?: boolean } = {}): Thing {
    const id = options.id ?? this.#nextId++;
    const pool = this.harness.pool ?? "suite";
    const taken = new Set(this.#things.filter(({ state }) => state !== "gone").map(({ slot }) => slot));
    let slot = 0;
    while (taken.has(slot)) slot += 1;
    const { installation } = this.run;
    const key = formatKey(installation, this.#epochId, id);
    const expiry = options.expires === false ? {} : { expiresAtMs: Date.now() + EXPIRES_IN_MS };
    const tags = { namespace: NAMESPACE, installation, pool, key, epoch: this.#epoch, ...expiry };
    const thing: Thing = { key, pool, slot, id, tags, data: undefined, state: "named" };
    this.#things.push(thing);
    return thing;
  }

  /** Calls `allocate`, and remembers to clear up after it. */
  start(thing: Thing, options?: Parameters<Caller["allocate"]>[1]): Attempt {
    const attempt = this.calls.allocate(thing, options);
    this.#attempts.push(attempt);
    return attempt;
  }

  /** Makes a thing. @throws What `allocate` rejected with. */
  async make(thing: Thing = this.name()): Promise<Thing> {
    const attempt = this.start(thing);
    const ended = await attempt.ended;
    if (ended.status === "rejected") throw ended.error;
    this.run.allocateMs = performance.now() - attempt.startedAtMs;
    return thing;
  }

  /** Deletes a thing by what a manager knows of it. */
  delete(thing: Thing): Promise<void> {
    return this.deleteWith(thing, thing.data);
  }

  /** Deletes a thing by its key and other data. Repeated while the provider asks for that. */
  async deleteWith(thing: Thing, data: unknown): Promise<void> {
    await until(this.run.timeoutMs, () => this.#unlessPassing(() => this.calls.delete(thing, data).ended));
  }

  /** Waits until `check` says healthy. An unhealthy answer on the way is one too many: a manager would delete it. */
  async healthy(thing: Thing): Promise<void> {
    await until(this.run.timeoutMs, async () => {
      const { status, reason } = await this.calls.verdict(thing);
      assert.notEqual(status, "unhealthy", `check says unhealthy: ${reason}`);
      return status === "healthy" ? undefined : `check says unknown: ${reason}`;
    });
  }

  /** Waits until `check` says unhealthy. */
  async unhealthy(thing: Thing): Promise<void> {
    await until(this.run.timeoutMs, async () => {
      const { status } = await this.calls.verdict(thing);
      return status === "unhealthy" ? undefined : `check says ${status}`;
    });
  }

  /** Waits until all that can be asked agree that the thing exists, with everything else that was made. */
  async exists(thing: Thing): Promise<void> {
    const look = async () => {
      if (this.provider.find !== undefined) {
        const { status } = await this.calls.find(thing.key);
        if (status !== "ready") return `find says ${status} for what was made`;
      }
      if (!(await this.#lists(thing, true))) return "list does not contain what was made";
      return this.#countDiffersBy(0);
    };
    await until(this.run.timeoutMs, () => this.#unlessPassing(look));
  }

  /** Waits until all that can be asked agree that nothing exists under the thing's key. */
  async gone(thing: Thing): Promise<void> {
    await until(this.run.timeoutMs, () => this.#signsOf(thing));
    thing.state = "gone";
  }

  /** Watches for `forMs` milliseconds that nothing appears under the thing's key. */
  staysGone(thing: Thing, forMs: number): Promise<void> {
    return throughout(forMs, () => this.#signsOf(thing));
  }

  /** Whether anything that can be asked sees something under the thing's key. */
  async seen(thing: Thing): Promise<boolean> {
    return (await this.#signsOf(thing)) !== undefined;
  }

  /**
   * Deletes everything that is left, then takes the outside world down.
   *
   * @param looks Whether to wait until it is gone as well.
   * @returns What could not be deleted, a sentence each.
   */
  async close(looks: boolean): Promise<string[]> {
    const end = async (thing: Thing) => {
      try {
        await this.#end(thing, looks);
        return [];
      } catch (error) {
        return [`${thing.key} may be left behind: ${messageOf(error)}`];
      }
    };
    const problems = await Promise.all(this.#things.map(end));
    await this.harness.cleanup?.();
    return problems.flat();
  }

  async #end(thing: Thing, looks: boolean): Promise<void> {
    if (thing.state === "named" || thing.state === "gone") return;
    for (const attempt of this.#attempts.filter((attempt) => attempt.thing === thing)) {
      attempt.abort();
      await attempt.ended.catch(() => {});
    }
    await until(this.run.timeoutMs, async () => {
      try {
        await this.calls.delete(thing, thing.data).ended;
        return undefined;
      } catch (error) {
        return `delete rejects: ${messageOf(error)}`;
      }
    });
    if (looks) await this.gone(thing);
  }

  /** What still tells of something under the thing's key. */
  #signsOf(thing: Thing): Promise<string | undefined> {
    return this.#unlessPassing(async () => {
      if (this.provider.find !== undefined) {
        const { status } = await this.calls.find(thing.key);
        if (status !== "absent") return `find says ${status} for what should not exist`;
      }
      if (await this.#lists(thing, false)) return "list contains what should not exist";
      // Another one under way may count already, or not yet.
      const isUnderWay = ({ state }: Thing) => state === "started" || state === "ending";
      if (this.#things.some((other) => other !== thing && isUnderWay(other))) return undefined;
      return this.#countDiffersBy(thing.state === "made" ? -1 : 0);
    });
  }

  /** Whether a listing contains the thing; `otherwise`: what to take for true where nothing can be listed. */
  async #lists(thing: Thing, otherwise: boolean): Promise<boolean> {
    if (this.provider.list === undefined) return otherwise;
    return (await this.calls.list()).some(({ key }) => key === thing.key);
  }

  /** What is wrong with how many things really exist, besides those that were made. */
  async #countDiffersBy(expected: number): Promise<string | undefined> {
    if (this.harness.count === undefined) return undefined;
    const made = this.#things.filter(({ state }) => state === "made").length;
    const difference = (await this.harness.count()) - this.#countBefore - made - expected;
    if (difference === 0) return undefined;
    return `${Math.abs(difference)} ${difference > 0 ? "more" : "fewer"} than should be really exist`;
  }

  /** What a look finds, or that the provider asks to be called again. */
  async #unlessPassing(look: () => Promise<string | undefined | void>): Promise<string | undefined> {
    try {
      return (await look()) ?? undefined;
    } catch (error) {
      if (isPassing(error)) return `the provider asks to be called again: ${messageOf(error)}`;
      throw error;
    }
  }

  #caller(provider: Provider<unknown, unknown>): Caller {
    const { installation, timeoutMs, json } = this.run;
    const { params } = this.harness;
    return new Caller(provider, { params, namespace: NAMESPACE, installation, epoch: this.#epoch, timeoutMs, json });
  }
}
