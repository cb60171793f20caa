import assert from "node:assert/strict";
import type { CallContext, Found, Health, Listed, Provider } from "@warmpool/core";
import { NeverEnded, type RunningCall, startCall } from "./call.js";
import { messageOf, saysNothingOfHealth } from "./failure.js";
import { throughJson } from "./json.js";
import type { Attempt, Ended, Thing } from "./thing.js";

const HEALTH: readonly Health<unknown>["status"][] = ["healthy", "unhealthy", "unknown"];
const FOUND: readonly Found<unknown>["status"][] = ["absent", "pending", "ready", "broken"];

const logger = { debug() {}, info() {}, warn() {}, error() {} };

/** What is the same for all calls of one manager. */
export interface CallerOptions {
  /** What each `allocate` is asked for. */
  readonly params: unknown;
  readonly namespace: string;
  readonly installation: string;
  readonly epoch: number;
  readonly timeoutMs: number;
  /** Whether data must survive JSON; otherwise it is handed on as it is. */
  readonly json: boolean;
}

/** How a call differs from an ordinary one. */
export interface CallOptions {
  /** Its signal is aborted before it starts. Default: `false`. */
  readonly aborted?: boolean;
}

/** Calls a provider once each, as a manager does: with a deadline, and with data that were written down and read again. */
export class Caller {
  readonly provider: Provider<unknown, unknown>;
  readonly #options: CallerOptions;

  constructor(provider: Provider<unknown, unknown>, options: CallerOptions) {
    this.provider = provider;
    this.#options = options;
  }

  /**
   * Calls `allocate`; the thing gets what it checkpoints and returns.
   *
   * @param options.checkpointFails Every checkpoint rejects, as when the store is away. Default: `false`.
   */
  allocate(thing: Thing, options: CallOptions & { checkpointFails?: boolean } = {}): Attempt {
    thing.state = "started";
    let reached = () => {};
    const checkpointed = new Promise<void>((resolve) => {
      reached = resolve;
    });
    let unusable: { error: unknown } | undefined;
    const checkpoint = async (partial: unknown) => {
      reached();
      if (options.checkpointFails) throw new Error("the store is away, says the suite");
      try {
        thing.data = this.remember(partial, "what allocate checkpointed");
      } catch (error) {
        unusable = { error };
        throw error;
      }
    };
    const { key, pool, slot, id, tags } = thing;
    const request = { key, pool, slot, id, tags, params: this.#options.params };
    const startedAtMs = performance.now();
    const call = this.#call(
      "allocate",
      (context) => this.provider.allocate(request, { ...context, checkpoint }),
      options,
    );
    const ended = call.ended
      .then(
        (data): Ended => {
          thing.data = this.remember(data, "what allocate returned");
          if (thing.state === "started") thing.state = "made";
          return { status: "made" };
        },
        (error: unknown): Ended => {
          if (error instanceof NeverEnded) throw error;
          if (unusable !== undefined) throw unusable.error;
          return { status: "rejected", error };
        },
      )
      .finally(reached);
    ended.catch(() => {});
    return { thing, startedAtMs, ended, checkpointed, abort: call.abort };
  }

  /** Calls `delete`. */
  delete(thing: Thing, data: unknown, options?: CallOptions): RunningCall<void> {
    thing.state = "ending";
    const ref = { ...refOf(thing), data };
    return this.#call("delete", (context) => this.provider.delete(ref, context), options);
  }

  /** Calls `check`. Newer data takes the place of the older. */
  check(thing: Thing, options?: CallOptions): RunningCall<Health<unknown>> {
    const check = async (context: CallContext<unknown>): Promise<Health<unknown>> => {
      const health = (await this.#member("check")(refOf(thing), context)) ?? { status: "healthy" };
      const { status, data } = health;
      assert.ok(HEALTH.includes(status), `check resolved with the status ${String(status)}`);
      if (data !== undefined) thing.data = this.remember(data, "newer data that check returned");
      return health;
    };
    return this.#call("check", check, options);
  }

  /** What `check` says, by the contract's rules for rejections. */
  async verdict(thing: Thing): Promise<{ status: Health<unknown>["status"]; reason: string }> {
    try {
      const { status, reason = "without a reason" } = await this.check(thing).ended;
      return { status, reason };
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      return { status: saysNothingOfHealth(error) ? "unknown" : "unhealthy", reason: messageOf(error) };
    }
  }

  /** Calls `find`. */
  find(key: string, options?: CallOptions): Promise<Found<unknown>> {
    const find = async (context: CallContext<unknown>): Promise<Found<unknown>> => {
      const found = await this.#member("find")(key, context);
      assert.ok(FOUND.includes(found?.status), `find resolved with the status ${String(found?.status)}`);
      if (found.status === "absent") return found;
      if (found.status === "ready") assert.notEqual(found.data, undefined, "find says ready without data");
      return found.data === undefined ? found : { ...found, data: this.remember(found.data, "what find returned") };
    };
    return this.#call("find", find, options).ended;
  }

  /**
   * Reads a listing to its end.
   *
   * @param options.during Awaited after the first entry, or at the end of an empty listing.
   */
  list(options: CallOptions & { during?: () => Promise<unknown> } = {}): Promise<Listed<unknown>[]> {
    let during = options.during;
    const read = async (context: CallContext<unknown>) => {
      const entries: Listed<unknown>[] = [];
      for await (const entry of this.#member("list")(context)) {
        assert.equal(typeof entry.key, "string", "list yielded an entry without a key");
        entries.push(entry);
        await during?.();
        during = undefined;
      }
      await during?.();
      return entries;
    };
    return this.#call("list", read, options).ended;
  }

  /** Reads the first entry of a listing and gives it up. */
  listOne(): Promise<void> {
    const read = async (context: CallContext<unknown>) => {
      for await (const _ of this.#member("list")(context)) return;
    };
    return this.#call("list, given up at its first entry,", read).ended;
  }

  /** Calls `reset`. Newer data takes the place of the older. */
  reset(thing: Thing): RunningCall<void> {
    return this.#call("reset", async (context) => {
      const data = await this.#member("reset")(refOf(thing), context);
      if (data !== undefined) thing.data = this.remember(data, "what reset returned");
    });
  }

  /** What a manager has after writing `data` down and reading it again. */
  remember(data: unknown, what: string): unknown {
    return this.#options.json ? throughJson(data, what) : data;
  }

  #member<Name extends "check" | "find" | "list" | "reset">(name: Name): NonNullable<Provider<unknown, unknown>[Name]> {
    const member = this.provider[name];
    assert.ok(member, `the provider has no ${name}`);
    // Methods may use `this`.
    return member.bind(this.provider) as NonNullable<Provider<unknown, unknown>[Name]>;
  }

  #call<Result>(
    what: string,
    call: (context: CallContext<unknown>) => Promise<Result>,
    options: CallOptions = {},
  ): RunningCall<Result> {
    const { namespace, installation, epoch, timeoutMs } = this.#options;
    const context = { logger, namespace, installation, epoch, checkpoint: async () => {} };
    return startCall(what, timeoutMs, (signal) => call({ ...context, signal }), options.aborted);
  }
}

function refOf({ key, pool, slot, id, data }: Thing) {
  return { key, pool, slot, id, data };
}
