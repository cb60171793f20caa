import type { Failure } from "../model/failure.js";
import type { Health } from "../model/health.js";
import type { Pool } from "./pool.js";
import type { Provider } from "./provider.js";
import type { Resource } from "./resource.js";

export type ResourceCallKind = "allocate" | "delete" | "check" | "find" | "reset";

/** A provider call that the engine asked for. The object is its identity: an answer names the call it answers. */
export interface ResourceCall {
  readonly kind: ResourceCallKind;
  readonly provider: Provider;
  readonly pool: Pool;
  readonly resource: Resource;
  readonly timeoutMs: number;
  /** It ran past its deadline and has not come to its end; from then on it is not waited for any more. */
  abandonAtMs: number | undefined;
}

/** Lists everything of a provider that is ours. */
export interface ListCall {
  readonly kind: "list";
  readonly provider: Provider;
  /** Counts the sweeps of a provider. */
  readonly sweep: number;
  /** Resources numbered below this one were made before the sweep began: it judges only those. */
  readonly judgesBelow: number;
  readonly timeoutMs: number;
}

export type Call = ResourceCall | ListCall;

/** What exists under a key, as `find` says. */
export type FoundThing =
  | { readonly status: "absent" }
  | { readonly status: "pending"; readonly data?: unknown }
  | { readonly status: "ready"; readonly data: unknown }
  | { readonly status: "broken"; readonly data?: unknown; readonly reason?: string };

/** A thing in a listing. */
export interface ListedThing {
  readonly key: string;
  readonly data?: unknown;
  readonly createdAtMs?: number | undefined;
  readonly tags?:
    | {
        readonly namespace?: string | undefined;
        readonly installation?: string | undefined;
        readonly pool?: string | undefined;
        readonly epoch?: number | undefined;
        readonly expiresAtMs?: number | undefined;
      }
    | undefined;
}

/** What a successful call brought, by its kind. */
export type Outcome =
  | { readonly kind: "allocate"; readonly data: unknown }
  | { readonly kind: "delete" }
  | { readonly kind: "check"; readonly health: Health<unknown> }
  | { readonly kind: "find"; readonly found: FoundThing }
  | { readonly kind: "reset"; readonly data: unknown }
  | { readonly kind: "list"; readonly things: readonly ListedThing[] };

/**
 * An answer to a call. A call that ran past its deadline is answered twice: once by the deadline (`running: true`), and
 * once more when it comes to its end.
 */
export type Answer = {
  /** When the call really started. */
  readonly startedAtMs: number;
  /** In [0, 1): spreads retries. Drawn by the runtime, for the engine draws nothing. */
  readonly jitter: number;
} & (
  | { readonly ok: true; readonly outcome: Outcome }
  | { readonly ok: false; readonly failure: Failure; readonly running: boolean }
);
