import type { PoolOrder } from "../engine/configuring.js";
import type { OwnerTerms } from "../engine/owners.js";
import type { ConfigurationMark } from "../model/configuration-mark.js";
import type { AnyEvent } from "../model/event.js";
import type { Logger } from "../model/logger.js";
import type { Store } from "../store/store.js";
import type { Clock } from "./clock.js";
import type { EventLog } from "./event-log.js";
import type { Ids } from "./ids.js";
import type { Retention } from "./kept-events.js";

/** What a runtime is made from: parsed options, and the manager's side of it. */
export interface RuntimeOptions {
  readonly namespace: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly ageingMs: number;
  readonly owners: OwnerTerms | undefined;
  readonly keepClosedMs: number;
  readonly releaseTimeoutMs: number;
  readonly closeTimeoutMs: number;
  /** Inputs that may wait for one commit. */
  readonly backlog: number;
  readonly allowExitOnIdle: boolean;
  /** The pools as configured last. */
  readonly pools: () => readonly PoolOrder[];
  readonly paramsOf: (pool: string) => unknown;
  /** Tells whoever listens. */
  readonly emit: (event: AnyEvent) => void;
  /** How long this process's session may be silent, where several processes share the store. */
  readonly sessionTtlMs: number;
  /** What this process is configured as, where several share the store. */
  readonly mark: () => ConfigurationMark | undefined;
  /** Takes part in the election of a leader. */
  readonly leads: boolean;
  /** Does what another process, or this one, asks of whoever leads. */
  readonly answer: (question: string, about: readonly unknown[]) => Promise<unknown>;
  readonly log: EventLog;
  /** How many events the store keeps; `undefined`: none. */
  readonly keepEvents: Retention | undefined;
  /** Somebody listens to events. */
  readonly watched: () => boolean;
}
