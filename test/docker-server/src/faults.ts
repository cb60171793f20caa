import { ApiError } from "./api-error.ts";

/** What a request asks for, as faults and counters name it. */
export type Operation =
  | "ping"
  | "version"
  | "list"
  | "inspect"
  | "create"
  | "start"
  | "kill"
  | "stop"
  | "pause"
  | "unpause"
  | "remove"
  | "exec-create"
  | "exec-start"
  | "exec-inspect"
  | "exec-resize"
  | "image-inspect"
  | "pull"
  | "build";

/**
 * What goes wrong with a request.
 *
 * - `refuse`: it is answered with an error and does nothing.
 * - `drop`: the connection is cut and nothing is done.
 * - `lose`: it does what it was asked for, and the connection is cut instead of an answer.
 * - `hang`: nothing is done and nothing is answered until the client gives up.
 */
export type Fault =
  | { readonly refuse: number; readonly message: string; readonly headers?: Readonly<Record<string, string>> }
  | "drop"
  | "lose"
  | "hang";

interface Rule {
  readonly operation: Operation;
  readonly fault: Fault;
  times: number;
}

/** Which requests go wrong, decided by a test while the server runs. */
export class Faults {
  readonly #rules: Rule[] = [];
  readonly #delaysMs = new Map<Operation, number>();
  #limit: { readonly operation: Operation; readonly perSecond: number; tokens: number; atMs: number } | undefined;

  /** The next requests of a kind go wrong. @param times How many. Default: 1. */
  next(operation: Operation, fault: Fault, times = 1): void {
    this.#rules.push({ operation, fault, times });
  }

  /** From now on, requests of a kind take so long before they do anything. In milliseconds. */
  delay(operation: Operation, delayMs: number): void {
    this.#delaysMs.set(operation, delayMs);
  }

  /** From now on, requests of a kind beyond so many a second are answered with 429, as a gateway in front of an engine does. */
  throttle(operation: Operation, perSecond: number): void {
    this.#limit = { operation, perSecond, tokens: perSecond, atMs: performance.now() };
  }

  /** From now on nothing goes wrong. */
  clear(): void {
    this.#rules.length = 0;
    this.#delaysMs.clear();
    this.#limit = undefined;
  }

  delayMs(operation: Operation): number {
    return this.#delaysMs.get(operation) ?? 0;
  }

  /** @throws {ApiError} What is refused. */
  take(operation: Operation): "drop" | "lose" | "hang" | undefined {
    this.#takeToken(operation);
    const rule = this.#rules.find((rule) => rule.operation === operation && rule.times > 0);
    if (rule === undefined) return undefined;
    rule.times -= 1;
    const { fault } = rule;
    if (typeof fault === "object") throw new ApiError(fault.refuse, fault.message, fault.headers);
    return fault;
  }

  #takeToken(operation: Operation): void {
    const limit = this.#limit;
    if (limit?.operation !== operation) return;
    const nowMs = performance.now();
    const refilled = limit.tokens + ((nowMs - limit.atMs) / 1_000) * limit.perSecond;
    limit.tokens = Math.min(limit.perSecond, refilled);
    limit.atMs = nowMs;
    if (limit.tokens < 1) throw new ApiError(429, "too many requests, try again later", { "Retry-After": "1" });
    limit.tokens -= 1;
  }
}
