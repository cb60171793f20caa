/** A request that came in, as tests match and count it. */
export interface SeenRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Of the answer; 0: none was given. */
  status: number;
}

/** What goes wrong with a request. */
export interface Fault {
  /** Which requests: the first that match. */
  readonly match: (request: SeenRequest) => boolean;
  /** How many of them. */
  times: number;
  /**
   * `lose`: acts, then cuts the connection. `refuse`: cuts it without acting. `delay`: acts, and answers `delayMs` later.
   * `answer`: says this instead of acting.
   */
  readonly how:
    | { readonly kind: "lose" }
    | { readonly kind: "refuse" }
    | { readonly kind: "delay"; readonly delayMs: number }
    | { readonly kind: "answer"; readonly status: number; readonly body: object };
}

/** How the cloud behaves. Each member may be changed at any time. */
export interface Control {
  /** Whether connections are cut at once. */
  down: boolean;
  /** How long a server takes to run, to end, and to do anything else, in milliseconds. */
  buildMs: number;
  deleteMs: number;
  actionMs: number;
  /** How long what was made or deleted is not seen yet, in milliseconds. What is asked for by id can be deleted at once. */
  lagMs: number;
  /** Servers (and floating IPs) on a page. */
  maxPage: number;
  quota: { servers: number; floatingIps: number };
  /** When Nova notices that the quota is reached: before it takes the order, or after (202, then `ERROR`). */
  quotaIsChecked: "before" | "after";
  /** For how many servers there is room; more end in `ERROR`. */
  room: number;
  /** What servers that cannot be built say; `undefined`: all can. */
  buildFault: { readonly code: number; readonly message: string } | undefined;
  /** Answers too many requests with this status. */
  throttle:
    | { readonly status: 413 | 429; readonly perSecond: number; readonly burst: number; retryAfterS?: number }
    | undefined;
  /** The microversions that Nova knows; `newest` `""`: none. */
  microversions: { readonly oldest: string; readonly newest: string };
  /** How long a token lives, in milliseconds. */
  tokenLifetimeMs: number;
  /** Whether ports and volumes survive their servers, as when Nova cannot reach the others. */
  orphans: boolean;
  /** Whether Neutron filters its listings; one that doesn't know an attribute passes over it. */
  neutronFilters: boolean;
  /** Whether deleted servers are kept for a while, as a cloud with `reclaim_instance_interval` does. */
  softDelete: boolean;
  /** Whether a part of the cloud is down, with all servers whose id is in here. */
  readonly downCell: Set<string>;
  readonly faults: Fault[];
}

export function defaultControl(): Control {
  return {
    down: false,
    buildMs: 20,
    deleteMs: 10,
    actionMs: 10,
    lagMs: 0,
    maxPage: 1_000,
    quota: { servers: 10_000, floatingIps: 10_000 },
    quotaIsChecked: "before",
    room: 10_000,
    buildFault: undefined,
    throttle: undefined,
    microversions: { oldest: "2.1", newest: "2.96" },
    tokenLifetimeMs: 3_600_000,
    orphans: false,
    neutronFilters: true,
    softDelete: false,
    downCell: new Set(),
    faults: [],
  };
}
