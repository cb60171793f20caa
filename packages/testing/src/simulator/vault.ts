import { type Batch, type ResourceRecord, type StoredRecord, type TicketRecord, WarmpoolError } from "@warmpool/core";
import { PostOffice } from "./post-office.js";
import type { Process } from "./process.js";
import type { World } from "./world.js";

/** A record as the vault has it, read once. */
export interface Kept extends StoredRecord {
  readonly parsed: ResourceRecord | TicketRecord | object;
}

/** What a backup holds. */
interface Copy {
  readonly epoch: number;
  readonly records: ReadonlyMap<string, Kept>;
}

/** Whom a commit is shown to, before it becomes true. */
export type CommitWitness = (before: Kept | undefined, after: Kept | undefined, epoch: number) => void;

/**
 * Where the simulated stores keep their records: a disk or a database server, which outlives every process. The rules of
 * the store contract (epochs, numbers, one owner or an elected one) are enforced here.
 */
export class Vault {
  readonly #world: World;
  /** What it carries between processes. */
  readonly post: PostOffice;
  readonly installation: string;
  epoch = 0;
  /** Number of the last batch of this epoch. */
  number = 0;
  records = new Map<string, Kept>();
  resourcesByKey = new Map<string, Kept>();
  /** Who opened it last. */
  owner: Process | undefined;
  /** Until when nobody else may become the leader. Where shared. */
  leaderUntilMs = 0;
  /** When the present epoch began. */
  openedAtMs = 0;
  /** How often it was restored. */
  restored = 0;
  readonly witnesses: CommitWitness[] = [];
  readonly #copies: Copy[] = [];

  constructor(world: World, installation: string) {
    this.#world = world;
    this.post = new PostOffice(world);
    this.installation = installation;
  }

  /** A new owner, in a new epoch: whoever wrote before cannot any more. */
  open(owner: Process): number {
    this.owner = owner;
    this.openedAtMs = this.#world.nowMs;
    this.epoch += 1;
    this.number = 0;
    this.#world.note(() => `${owner.name} opens the store: epoch ${this.epoch}`);
    return this.epoch;
  }

  /** Elects whoever led before, or who asks first after the last leadership has run out; returns the new epoch, or nothing. */
  campaign(candidate: Process, ttlMs: number): number | undefined {
    const { nowMs } = this.#world;
    if (nowMs < this.leaderUntilMs && this.owner !== candidate) return undefined;
    this.leaderUntilMs = nowMs + ttlMs;
    return this.open(candidate);
  }

  /** @throws {WarmpoolError} `FENCED`: another leads. */
  confirm(epoch: number, ttlMs: number): void {
    if (epoch !== this.epoch) throw fenced(epoch);
    this.leaderUntilMs = this.#world.nowMs + ttlMs;
  }

  /** Its owner gives it up. A leadership runs out: its leases are its holders' for as long. */
  close(epoch: number): void {
    if (epoch === this.epoch && this.leaderUntilMs === 0) this.owner = undefined;
  }

  /** @throws {WarmpoolError} `FENCED`. */
  commit(batch: Batch): void {
    if (batch.epoch !== this.epoch || batch.number > this.number + 1) throw fenced(batch.epoch);
    if (batch.number <= this.number) return;
    // All or nothing: what cannot be read is refused before anything is written.
    const changes = batch.changes.map(({ kind, id, record }) => {
      const after = record === null ? undefined : { kind, id, record, parsed: JSON.parse(record) as object };
      return { kind, at: `${kind} ${id}`, after };
    });
    this.number = batch.number;
    for (const { kind, at, after } of changes) {
      const before = this.records.get(at);
      for (const witness of this.witnesses) witness(before, after, batch.epoch);
      if (after === undefined) this.records.delete(at);
      else this.records.set(at, after);
      if (kind === "resource") this.#indexKey(before, after);
    }
    const { trace } = this.#world;
    if (trace !== undefined) this.#world.note(() => `commit ${batch.epoch}/${batch.number}: ${describe(batch)}`);
  }

  #indexKey(before: Kept | undefined, after: Kept | undefined): void {
    if (after !== undefined) this.resourcesByKey.set((after.parsed as ResourceRecord).key, after);
    else if (before !== undefined) this.resourcesByKey.delete((before.parsed as ResourceRecord).key);
  }

  resource(key: string): ResourceRecord | undefined {
    return this.resourcesByKey.get(key)?.parsed as ResourceRecord | undefined;
  }

  ticket(id: number): TicketRecord | undefined {
    return this.records.get(`ticket ${id}`)?.parsed as TicketRecord | undefined;
  }

  /** Makes a backup. The last two are kept. */
  backUp(): void {
    this.#copies.push({ epoch: this.epoch, records: new Map(this.records) });
    if (this.#copies.length > 2) this.#copies.shift();
  }

  /** Whether there is a backup that lacks something. */
  get canRestore(): boolean {
    return this.#copies[0] !== undefined;
  }

  /** Puts the oldest backup in place. */
  restore(): void {
    const copy = this.#copies[0];
    if (copy === undefined) return;
    this.epoch = copy.epoch;
    this.number = Number.MAX_SAFE_INTEGER;
    this.records = new Map(copy.records);
    this.resourcesByKey.clear();
    for (const kept of this.records.values()) if (kept.kind === "resource") this.#indexKey(undefined, kept);
    this.owner = undefined;
    this.restored += 1;
    this.#world.note(() => `the store is restored from epoch ${copy.epoch}`);
  }
}

export function fenced(epoch: number): WarmpoolError<"FENCED"> {
  return new WarmpoolError("FENCED", "A newer session writes this namespace.", { details: { epoch } });
}

function describe({ changes }: Batch): string {
  return changes
    .map(({ kind, id, record }) => {
      if (record === null) return `${kind} ${id} dropped`;
      if (kind === "counters" || kind === "event") return kind;
      const { state, key, end, owner } = JSON.parse(record) as Record<string, string | undefined>;
      return `${kind} ${id} ${key ?? `of ${owner}`} ${state}${end === undefined ? "" : ` (${end})`}`;
    })
    .join(", ");
}
