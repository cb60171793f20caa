import pLimit, { type LimitFunction } from "p-limit";
import type { Answer, Call, ListedThing, Outcome } from "../engine/call.js";
import { formatMs } from "../model/duration.js";
import { isWarmpoolError, WarmpoolError } from "../model/error.js";
import type { Failure } from "../model/failure.js";
import { findNotJson } from "../model/json.js";
import type { Logger } from "../model/logger.js";
import type { CallContext, Found, Made, Provider, ResourceRef } from "../provider/provider.js";
import { ProviderError } from "../provider/provider-error.js";
import type { Clock, Timer } from "./clock.js";
import type { Ids } from "./ids.js";

export interface CallerOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly durable: boolean;
  readonly namespace: string;
  readonly installation: string;
  readonly epoch: number;
  /** What a pool's `params` are. */
  paramsOf(pool: string): unknown;
  /** Whether this process leads for certain: otherwise no call may begin. */
  leads(): boolean;
  answered(call: Call, answer: Answer): void;
  /** Resolves when it is durable. */
  checkpoint(call: Call, data: unknown): Promise<void>;
}

type AnyProvider = Provider<unknown, unknown>;

/** Calls of each kind at a time, to one provider. */
const CONCURRENCY = 10;

const UNWANTED = "the result is not needed any more";

const NOT_LEADING = "another process may lead by now";

/** What an aborted call has to end in, when the pool closes. */
const OBEY_WITHIN_MS = 2_000;

type Result =
  | { readonly ok: true; readonly outcome: Outcome }
  | { readonly ok: false; readonly failure: Failure; readonly running: boolean };

/** What must not stand in each other's way at one provider. Allocations are bounded by their pools. */
interface Limits {
  /** What ends or cleans things. */
  readonly changing: LimitFunction;
  /** Somebody's place under the cap waits for it, while checks come round again. */
  readonly settling: LimitFunction;
  readonly looking: LimitFunction;
}

/** Calls providers, each call with a deadline, and answers the engine. */
export class Caller {
  readonly #options: CallerOptions;
  readonly #limits = new WeakMap<object, Limits>();
  readonly #running = new Map<Call, AbortController>();
  /** Calls that were given up before they left. */
  readonly #unwanted = new WeakSet<Call>();
  #idle: (() => void)[] = [];
  #stopped = false;

  constructor(options: CallerOptions) {
    this.#options = options;
  }

  /** Calls that have not come to their end, also those past their deadline. */
  get running(): number {
    return this.#running.size;
  }

  start(call: Call): void {
    if (this.#stopped) return;
    const controller = new AbortController();
    if (this.#unwanted.has(call)) controller.abort(new Error(UNWANTED));
    this.#running.set(call, controller);
    const run = () => this.#run(call, controller);
    const { changing, settling, looking } = this.#limitsOf(call.provider.identity);
    switch (call.kind) {
      case "allocate":
        void run();
        break;
      case "delete":
      case "reset":
        void changing(run);
        break;
      case "find":
        void settling(run);
        break;
      case "check":
      case "list":
        void looking(run);
        break;
    }
  }

  /** The result is of no use any more. The call is answered all the same. */
  abort(call: Call): void {
    const controller = this.#running.get(call);
    // It waits for its commit: it will be answered without having begun.
    if (controller === undefined) this.#unwanted.add(call);
    else controller.abort(new Error(UNWANTED));
  }

  /** Begins no more calls, and aborts those that run. */
  stop(reason: string): void {
    this.#stopped = true;
    for (const controller of this.#running.values()) controller.abort(new Error(reason));
  }

  /**
   * Lets calls that make or end things come to their end until `deadline`, and aborts the others at once: their answers would
   * be of no use. What still runs at the deadline is aborted, and given a moment to obey.
   */
  async finish(reason: string, deadline: Promise<void>): Promise<void> {
    for (const [call, controller] of this.#running) {
      if (call.kind === "check" || call.kind === "find" || call.kind === "list") controller.abort(new Error(reason));
    }
    await Promise.race([this.allEnded(), deadline]);
    this.stop(reason);
    const { clock } = this.#options;
    await Promise.race([this.allEnded(), new Promise<void>((resolve) => clock.after(OBEY_WITHIN_MS, resolve))]);
  }

  /** Resolves when no call runs, be it past its deadline. */
  async allEnded(): Promise<void> {
    if (this.#running.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve);
    });
  }

  #limitsOf(provider: object): Limits {
    let limits = this.#limits.get(provider);
    if (limits === undefined) {
      limits = { changing: pLimit(CONCURRENCY), settling: pLimit(CONCURRENCY), looking: pLimit(CONCURRENCY) };
      this.#limits.set(provider, limits);
    }
    return limits;
  }

  /** Resolves when the call's turn is over: at its end, or at its deadline though it goes on. */
  async #run(call: Call, controller: AbortController): Promise<void> {
    const { clock, ids } = this.#options;
    const startedAtMs = clock.now();
    const answer = (result: Result) => this.#options.answered(call, { startedAtMs, jitter: ids.jitter(), ...result });
    let timer: Timer | undefined;
    const overdue = new Promise<void>((resolve) => {
      if (!Number.isFinite(call.timeoutMs)) return;
      timer = clock.after(call.timeoutMs, () => {
        const error = timeoutOf(call);
        controller.abort(error);
        const failure = { kind: "transient", message: error.message, timedOut: true, error } as const;
        answer({ ok: false, failure, running: true });
        resolve();
      });
    });
    const ended = this.#resultOf(call, controller.signal).then((result) => {
      timer?.cancel();
      this.#running.delete(call);
      answer(result);
      if (this.#running.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
    });
    await Promise.race([ended, overdue]);
  }

  async #resultOf(call: Call, signal: AbortSignal): Promise<Result> {
    try {
      // Aborted while it waited for its turn: it never began.
      if (signal.aborted) throw new ProviderError(messageOf(signal.reason), { kind: "transient", made: "nothing" });
      if (!this.#options.leads()) throw new ProviderError(NOT_LEADING, { kind: "transient", made: "nothing" });
      return { ok: true, outcome: await this.#invoke(call, signal) };
    } catch (error) {
      const failure = failureOf(error);
      // Given up by us: how it ends says nothing about the resource.
      return { ok: false, failure: signal.aborted ? { ...failure, kind: "transient" } : failure, running: false };
    }
  }

  async #invoke(call: Call, signal: AbortSignal): Promise<Outcome> {
    const provider = call.provider.identity as AnyProvider;
    const context = this.#context(call, signal);
    if (call.kind === "list") return { kind: "list", things: await this.#readList(provider, context) };
    const { resource, pool } = call;
    const ref: ResourceRef = {
      key: resource.key,
      data: resource.data,
      pool: pool.name,
      slot: resource.slot,
      id: resource.id,
      ...(resource.marks.counters !== undefined && { counters: resource.marks.counters }),
    };
    switch (call.kind) {
      case "allocate": {
        const { namespace, installation, epoch } = this.#options;
        const { maxAgeMs } = pool.policy;
        const expires = Number.isFinite(maxAgeMs) && { expiresAtMs: this.#options.clock.now() + maxAgeMs };
        const tags = { namespace, installation, pool: pool.name, key: resource.key, epoch, ...expires };
        const params = this.#options.paramsOf(pool.name);
        const data = await provider.allocate({ ...ref, params, tags }, context);
        return { kind: "allocate", data: this.#checkData(data, provider) };
      }
      case "delete":
        await provider.delete(ref, context);
        return { kind: "delete" };
      case "check": {
        const health = (await provider.check?.(ref as Made, context)) ?? { status: "healthy" as const };
        expectStatus(health, ["healthy", "unhealthy", "unknown"], call, provider);
        if (health.data !== undefined) this.#checkData(health.data, provider);
        return { kind: "check", health };
      }
      case "reset":
        return { kind: "reset", data: this.#checkData(await provider.reset?.(ref as Made, context), provider) };
      case "find": {
        const found = (await provider.find?.(resource.key, context)) as Found<unknown>;
        expectStatus(found, ["absent", "pending", "ready", "broken"], call, provider);
        if (found.status !== "absent" && found.data !== undefined) this.#checkData(found.data, provider);
        return { kind: "find", found };
      }
    }
  }

  async #readList(provider: AnyProvider, context: CallContext): Promise<ListedThing[]> {
    const things: ListedThing[] = [];
    for await (const thing of provider.list?.(context) ?? []) {
      // A listing that was cut off says nothing about what it would still have brought.
      context.signal.throwIfAborted();
      if (typeof thing?.key !== "string")
        throw new ProviderError(`list of provider "${provider.name}" brought a thing without a key.`);
      things.push(thing);
    }
    context.signal.throwIfAborted();
    return things;
  }

  #context(call: Call, signal: AbortSignal): CallContext {
    const { logger, epoch, namespace, installation } = this.#options;
    return {
      signal,
      logger,
      namespace,
      installation,
      epoch,
      checkpoint: async (partial) => {
        if (call.kind === "allocate")
          await this.#options.checkpoint(call, this.#checkData(partial, call.provider.identity as AnyProvider));
      },
    };
  }

  #checkData(data: unknown, provider: AnyProvider): unknown {
    if (!this.#options.durable || data === undefined) return data;
    const at = findNotJson(data);
    if (at === undefined) return data;
    throw new WarmpoolError(
      "DATA_NOT_JSON",
      `Provider "${provider.name}" returned data that a store cannot keep: ${at} is not JSON. Return plain JSON, or use the memory store.`,
      { details: { at } },
    );
  }
}

function timeoutOf(call: Call): WarmpoolError<"PROVIDER_TIMEOUT"> {
  const { kind, timeoutMs } = call;
  const { name } = call.provider;
  return new WarmpoolError(
    "PROVIDER_TIMEOUT",
    `${kind} of provider "${name}" took longer than ${formatMs(timeoutMs)}.`,
    {
      details: { provider: name, call: kind, timeoutMs },
    },
  );
}

/** A provider may say anything: what means nothing is a failure, and never "all is well". */
function expectStatus(answer: { status: string }, known: readonly string[], call: Call, provider: AnyProvider): void {
  const status: unknown = answer?.status;
  if (typeof status === "string" && known.includes(status)) return;
  throw new ProviderError(
    `${call.kind} of provider "${provider.name}" answered with status ${JSON.stringify(status)}, not one of ${known.join(", ")}.`,
  );
}

function failureOf(error: unknown): Failure {
  const message = messageOf(error);
  if (isProviderError(error)) {
    const { kind, made, retryAfterMs } = error;
    return { kind, message, made, retryAfterMs, error };
  }
  if (isWarmpoolError(error, "DATA_NOT_JSON")) return { kind: "permanent", message, error };
  return { kind: "unknown", message, error };
}

/** Also those of another copy of this package. */
function isProviderError(error: unknown): error is ProviderError {
  return isWarmpoolError(error, "PROVIDER_FAILED") && "kind" in error;
}

function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  try {
    return String(error);
  } catch {
    return "an error that cannot be shown";
  }
}
