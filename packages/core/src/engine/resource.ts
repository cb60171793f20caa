import type { DeleteReason, ResourceRecord, ResourceState } from "../model/resource.js";
import type { ResourceCall } from "./call.js";
import type { Due } from "./deadlines.js";
import type { Pool } from "./pool.js";
import type { Ticket } from "./ticket.js";
import type { WarmList } from "./warm-list.js";

/** What few resources have. */
export interface ResourceMarks {
  readonly firstUsedAtMs?: number | undefined;
  readonly userData?: Readonly<Record<string, unknown>> | undefined;
  readonly counters?: Readonly<Record<string, number>>;
  /** What its pool's `nameOf` says of its data. Stored for whoever reads the record. */
  readonly name?: string | undefined;
  /** When its holder was last heard of. Never stored. */
  readonly heardAtMs?: number;
}

const NONE: ResourceMarks = {};

/**
 * A resource as the engine holds it. Its states, and what must be true in each:
 *
 * - `allocating`: entered when made by intent. `call` is its allocate. Left when that call is answered.
 * - `unknown`: entered when an allocate was answered by anything but success or `made: "nothing"`, or a new epoch finds it
 *   allocating. It counts against caps. Left for `ready`, `deleting` or gone, not before `settleAtMs` unless its own
 *   allocate answers after all.
 * - `ready`: `ticket` is undefined. On a shelf of its pool exactly if it may be lent.
 * - `leased`: `ticket` is the one ticket that holds it; or undefined while the grace of a lost lease runs. What comes back
 *   fit for use stays in it if somebody waits: it is his at once.
 * - `resetting`: `ticket` is undefined. Entered by release, or by adoption where the provider can reset; a new epoch makes it
 *   `deleting`, for nobody knows how far the reset came.
 * - `held`: until `untilAtMs`.
 * - `deleting`: never left but by being gone. While its allocate may still make something, no delete is the last.
 */
export class Resource implements Due {
  readonly id: number;
  readonly key: string;
  readonly slot: number;
  readonly createdAtMs: number;
  readonly epoch: number;
  allocateStartedAtMs: number | undefined;
  reason: DeleteReason | undefined;
  note: string | undefined;
  /** Fields of its record that this release doesn't know: they survive rewriting. */
  extra: object | undefined;

  // What each lease looks at stands together: with thousands of resources, memory is what takes the time.

  untilAtMs: number | undefined;
  readyAtMs: number | undefined;
  sinceAtMs: number;
  /** Digest of the spec it was made by. */
  spec: string;
  uses = 0;
  data: unknown;
  /** In a pool that has conditions. */
  condition: string | undefined;
  /** Whom it is bound to, where it is not for everyone: see `bindingOf`. */
  boundTo: string | undefined;
  /** What few resources have. */
  marks: ResourceMarks = NONE;
  pool: Pool;
  state: ResourceState;
  ticket: Ticket | undefined;

  // What follows is never stored.

  /** Links of its shelf. */
  prev: Resource | undefined;
  next: Resource | undefined;
  /** Where it lies among those that may be lent. */
  shelf: WarmList | undefined;
  /** Taken off the warm list for a check before it is lent. */
  vetting = false;
  failedChecks = 0;
  checkAtMs = Number.POSITIVE_INFINITY;
  /** Finds or deletes in a row that did not settle it. */
  tries = 0;
  heapIndex = -1;
  /** Has changed since the last batch. */
  dirty = false;

  /** The provider call under way: one at a time. */
  call: ResourceCall | undefined;
  /** Forgotten: no record any more. */
  gone = false;
  /** Its delete has failed, or cannot be believed yet: its place is not about to be free. */
  slowDelete = false;
  retryAtMs = 0;
  /** Its allocate may still make something before then: "absent" means nothing. 0: its allocate was answered for certain. */
  settleAtMs = 0;
  /** Its allocate made something after all, while a delete or find was under way that may not have seen it. */
  madeMeanwhile = false;
  /** A delete has succeeded, and `find` must agree. */
  confirming = false;
  /** A delete has succeeded, and the sweep with this number, or a later one, must agree. */
  confirmBySweep: number | undefined;
  /** Passed a check at this moment. */
  vettedAtMs = Number.NEGATIVE_INFINITY;
  /** Complete listings in a row that lacked it. */
  missing = 0;

  constructor(
    pool: Pool,
    made: { id: number; key: string; slot: number; atMs: number; epoch: number; state: ResourceState },
  ) {
    this.pool = pool;
    this.id = made.id;
    this.key = made.key;
    this.slot = made.slot;
    this.createdAtMs = made.atMs;
    this.sinceAtMs = made.atMs;
    this.epoch = made.epoch;
    this.state = made.state;
    this.spec = pool.policy.spec;
  }

  get kind(): "resource" {
    return "resource";
  }

  get name(): string | undefined {
    return this.marks.name;
  }

  get userData(): Readonly<Record<string, unknown>> | undefined {
    return this.marks.userData;
  }

  /** The conditions that its pool has. */
  get conditions(): readonly string[] | undefined {
    return this.pool.policy.conditions?.names;
  }

  /** It may be lent now. */
  get warm(): boolean {
    return this.shelf !== undefined;
  }

  /** A lease that nobody saw did not use it. */
  unuse(): void {
    this.uses -= 1;
    if (this.uses > 0) return;
    this.boundTo = undefined;
    if (this.marks.firstUsedAtMs !== undefined) this.mark({ firstUsedAtMs: undefined });
  }

  /** Adds to what is known of it. */
  mark(marks: ResourceMarks): void {
    this.marks = { ...this.marks, ...marks };
  }

  toRecord(): ResourceRecord {
    const { firstUsedAtMs, userData, counters, name } = this.marks;
    return {
      ...this.extra,
      v: 1,
      id: this.id,
      pool: this.pool.name,
      provider: this.pool.provider.name,
      key: this.key,
      slot: this.slot,
      state: this.state,
      createdAtMs: this.createdAtMs,
      sinceAtMs: this.sinceAtMs,
      uses: this.uses,
      spec: this.spec,
      epoch: this.epoch,
      ...(this.readyAtMs !== undefined && { readyAtMs: this.readyAtMs }),
      ...(this.allocateStartedAtMs !== undefined && { allocateStartedAtMs: this.allocateStartedAtMs }),
      ...(this.ticket !== undefined && { ticket: this.ticket.id }),
      ...(this.data !== undefined && { data: this.data }),
      ...(this.reason !== undefined && { reason: this.reason }),
      ...(this.note !== undefined && { note: this.note }),
      ...(this.untilAtMs !== undefined && Number.isFinite(this.untilAtMs) && { untilAtMs: this.untilAtMs }),
      ...(name !== undefined && { name }),
      ...(this.condition !== undefined && { condition: this.condition }),
      ...(this.boundTo !== undefined && { boundTo: this.boundTo }),
      ...(firstUsedAtMs !== undefined && { firstUsedAtMs }),
      ...(userData !== undefined && { userData }),
      ...(counters !== undefined && { counters }),
    };
  }

  static fromRecord(record: ResourceRecord, pool: Pool): Resource {
    const {
      v: _v,
      id,
      pool: _pool,
      provider: _provider,
      key,
      slot,
      state,
      createdAtMs,
      sinceAtMs,
      readyAtMs,
      ...rest
    } = record;
    const { allocateStartedAtMs, uses, spec, epoch, ticket: _ticket, data, reason, note, untilAtMs, ...more } = rest;
    const { name, condition, boundTo, firstUsedAtMs, userData, counters, ...extra } = more;
    const resource = new Resource(pool, { id, key, slot, atMs: createdAtMs, epoch, state });
    resource.sinceAtMs = sinceAtMs;
    resource.readyAtMs = readyAtMs;
    resource.allocateStartedAtMs = allocateStartedAtMs;
    resource.uses = uses;
    resource.spec = spec;
    resource.data = data;
    resource.reason = reason;
    resource.note = note;
    resource.untilAtMs = untilAtMs;
    resource.extra = extra;
    resource.condition = condition;
    resource.boundTo = boundTo;
    resource.mark({
      ...(name !== undefined && { name }),
      ...(firstUsedAtMs !== undefined && { firstUsedAtMs }),
      ...(userData !== undefined && { userData }),
      ...(counters !== undefined && { counters }),
    });
    return resource;
  }
}
