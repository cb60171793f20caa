import type { Store, StoredRecord, StoreSession } from "@warmpool/core";
import { type Batch, type Change, type OpenOptions, WarmpoolError } from "@warmpool/core";
import type { StoreHarness } from "./harness.js";

/** What this store can get wrong, one thing at a time. Each is a mistake that a real backend invites. */
export type Mistake =
  | "installations have sixteen characters"
  | "an installation is drawn at each opening"
  | "all namespaces share an installation"
  | "the epoch stays"
  | "the epoch is raised with the first commit"
  | "the signal is not looked at"
  | "sessions know only their own epoch"
  | "nobody asks who has it open"
  | "a new namespace has counters already"
  | "records are parsed and printed"
  | "records end after a megabyte"
  | "pages overlap"
  | "only the first thousand are loaded"
  | "kinds share a table"
  | "ids have 32 bits"
  | "an unread cursor blocks commits"
  | "changes are applied as they are read"
  | "what was written before an error stays"
  | "large batches are cut"
  | "drops come after puts"
  | "puts only insert"
  | "dropping wants a record"
  | "empty batches are skipped"
  | "a repeated number is refused"
  | "a repeated number is applied"
  | "gaps are not seen"
  | "the epoch is not checked"
  | "the check comes after the write"
  | "numbers go on in the next epoch"
  | "all namespaces share the last number"
  | "namespaces are prefixes"
  | "namespaces know no case"
  | "closing closes the whole store"
  | "closed sessions write"
  | "closing does not wait"
  | "each close closes the newest session"
  | "commits are written when closing"
  | "the epoch is checked in the process only";

interface Namespace {
  installation: string;
  epoch: number;
  last: number;
}

/** What outlives a process. */
class Disk {
  readonly namespaces = new Map<string, Namespace>();
  /** By `namespace`, `kind` and `id`. */
  readonly records = new Map<string, StoredRecord & { readonly namespace: string }>();
  owner: CarelessStore | undefined;
}

/**
 * A store on Maps that does everything right, but for one mistake, if one is given. It proves that the conformance
 * suite finds that mistake.
 */
export function carelessHarness(mistake?: Mistake): StoreHarness {
  const disk = new Disk();
  return {
    store: new CarelessStore(disk, mistake),
    // A killed process holds nothing any more.
    reopen: () => {
      disk.owner = undefined;
      return new CarelessStore(disk, mistake);
    },
    another: () => new CarelessStore(disk, mistake),
  };
}

class CarelessStore implements Store<true> {
  readonly name = "careless";
  readonly durable = true;
  readonly shared = false;
  readonly disk: Disk;
  readonly sessions: CarelessSession[] = [];
  /** What this process believes each namespace's epoch to be. */
  readonly believed = new Map<string, number>();
  readonly #mistake: Mistake | undefined;

  constructor(disk: Disk, mistake: Mistake | undefined) {
    this.disk = disk;
    this.#mistake = mistake;
  }

  has(mistake: Mistake): boolean {
    return this.#mistake === mistake;
  }

  async open(name: string, options: OpenOptions = {}): Promise<StoreSession> {
    await turn();
    const { signal, drawId = () => Math.random().toString(36).slice(2, 10).padEnd(8, "0") } = options;
    if (signal?.aborted && !this.has("the signal is not looked at")) {
      throw new WarmpoolError("ABORTED", "given up", { details: { ticket: undefined }, cause: signal.reason });
    }
    const { disk } = this;
    if (disk.owner !== undefined && disk.owner !== this && !this.has("nobody asks who has it open")) {
      throw new WarmpoolError("STORE_IN_USE", "in use", { details: { store: this.name } });
    }
    disk.owner = this;
    const key = this.has("namespaces know no case") ? name.toLowerCase() : name;
    let namespace = disk.namespaces.get(key);
    if (namespace === undefined) {
      const shared = this.has("all namespaces share an installation") ? [...disk.namespaces.values()][0] : undefined;
      const length = this.has("installations have sixteen characters") ? 16 : 8;
      const installation = shared?.installation ?? drawId(length).padEnd(length, "0");
      namespace = { installation, epoch: 0, last: 0 };
      disk.namespaces.set(key, namespace);
      if (this.has("a new namespace has counters already")) {
        disk.records.set(`${key} counters 1`, { namespace: key, kind: "counters", id: 1, record: "{}" });
      }
    } else if (this.has("an installation is drawn at each opening")) {
      namespace.installation = drawId(8);
    }
    const late = this.has("the epoch is raised with the first commit");
    const epoch = this.has("the epoch stays") ? 1 : namespace.epoch + 1;
    if (!late) this.begin(key, namespace, epoch);
    const session = new CarelessSession(this, key, namespace, epoch);
    this.sessions.push(session);
    return session;
  }

  begin(name: string, namespace: Namespace, epoch: number): void {
    namespace.epoch = epoch;
    this.believed.set(name, epoch);
    if (!this.has("numbers go on in the next epoch")) namespace.last = 0;
  }

  leave(): void {
    if (this.sessions.every(({ closed }) => closed) && this.disk.owner === this) this.disk.owner = undefined;
  }
}

class CarelessSession implements StoreSession {
  readonly epoch: number;
  readonly installation: string;
  closed = false;
  readonly #store: CarelessStore;
  readonly #name: string;
  readonly #namespace: Namespace;
  readonly #unwritten: (readonly Change[])[] = [];
  #underWay: Promise<unknown> = Promise.resolve();
  #unread = false;

  constructor(store: CarelessStore, name: string, namespace: Namespace, epoch: number) {
    this.#store = store;
    this.#name = name;
    this.#namespace = namespace;
    this.epoch = epoch;
    this.installation = namespace.installation;
  }

  async *load(): AsyncIterable<readonly StoredRecord[]> {
    const store = this.#store;
    const mine = (namespace: string) =>
      store.has("namespaces are prefixes") ? namespace.startsWith(this.#name) : namespace === this.#name;
    const all = [...store.disk.records.values()].filter(({ namespace }) => mine(namespace));
    const records = store.has("only the first thousand are loaded") ? all.slice(0, 1_000) : all;
    const step = store.has("pages overlap") ? 999 : 1_000;
    this.#unread = store.has("an unread cursor blocks commits");
    for (let start = 0; start < records.length; start += step) {
      await turn();
      yield records.slice(start, start + 1_000).map(({ kind, id, record }) => ({ kind, id, record }));
    }
    this.#unread = false;
  }

  commit(batch: Batch): Promise<void> {
    const committed = this.#commit(batch);
    this.#underWay = committed.catch(() => undefined);
    return committed;
  }

  async #commit(batch: Batch): Promise<void> {
    const store = this.#store;
    const namespace = this.#namespace;
    if (this.closed && !store.has("closed sessions write")) throw new Error("closed");
    if (this.#unread) throw new Error("a cursor is open");
    await turn();
    if (store.has("the epoch is raised with the first commit") && namespace.epoch < this.epoch) {
      store.begin(this.#name, namespace, this.epoch);
    }
    const { last } = namespace;
    const fenced = this.#isFenced(batch);
    if (fenced && !store.has("the check comes after the write")) throw fencing(batch);
    if (batch.number <= last && !fenced) {
      if (store.has("a repeated number is refused")) throw new Error("duplicate key");
      if (!store.has("a repeated number is applied")) return;
    }
    this.#apply(batch.changes);
    if (fenced) throw fencing(batch);
    if (batch.changes.length === 0 && store.has("empty batches are skipped")) return;
    const counting = store.has("all namespaces share the last number")
      ? [...store.disk.namespaces.values()]
      : [namespace];
    for (const each of counting) each.last = Math.max(last, batch.number);
  }

  #isFenced(batch: Batch): boolean {
    const store = this.#store;
    const current = store.has("sessions know only their own epoch")
      ? this.epoch
      : store.has("the epoch is checked in the process only")
        ? store.believed.get(this.#name)
        : this.#namespace.epoch;
    const otherEpoch = batch.epoch !== current && !store.has("the epoch is not checked");
    return otherEpoch || (batch.number > this.#namespace.last + 1 && !store.has("gaps are not seen"));
  }

  #apply(given: readonly Change[]): void {
    const store = this.#store;
    if (store.has("changes are applied as they are read")) {
      for (const change of given) this.#write(change);
      return;
    }
    let changes = given.map(({ kind, id, record }) => ({ kind, id, record }));
    if (store.has("large batches are cut")) changes = changes.slice(0, 16_383);
    if (store.has("drops come after puts")) {
      changes.sort((one, other) => Number(one.record === null) - Number(other.record === null));
    }
    const known = ({ kind }: Change) => ["resource", "ticket", "counters", "event"].includes(kind);
    if (!store.has("what was written before an error stays") && !changes.every(known)) throw new Error("unknown kind");
    if (store.has("commits are written when closing")) {
      this.#unwritten.push(changes);
      return;
    }
    for (const change of changes) {
      if (!known(change)) throw new Error("unknown kind");
      this.#write(change);
    }
  }

  #write({ kind, id: given, record: text }: Change): void {
    const store = this.#store;
    const { records } = store.disk;
    const id = store.has("ids have 32 bits") ? given >>> 0 : given;
    const key = store.has("kinds share a table") ? `${this.#name} ${id}` : `${this.#name} ${kind} ${id}`;
    if (text === null) {
      if (store.has("dropping wants a record") && !records.has(key)) throw new Error("no such record");
      records.delete(key);
      return;
    }
    if (store.has("puts only insert") && records.has(key)) return;
    let record = text;
    if (store.has("records are parsed and printed")) record = JSON.stringify(JSON.parse(text));
    if (store.has("records end after a megabyte")) record = text.slice(0, 1024 * 1024);
    records.set(key, { namespace: this.#name, kind, id, record });
  }

  async close(): Promise<void> {
    const store = this.#store;
    const closing = store.has("each close closes the newest session") ? store.sessions.at(-1)! : this;
    closing.closed = true;
    if (!store.has("closing does not wait")) await this.#underWay;
    for (const changes of this.#unwritten.splice(0)) for (const change of changes) this.#write(change);
    if (store.has("closing closes the whole store")) for (const session of store.sessions) session.closed = true;
    store.leave();
  }
}

function fencing(batch: Batch): WarmpoolError<"FENCED"> {
  return new WarmpoolError("FENCED", "fenced", { details: { epoch: batch.epoch } });
}

/** Lets everything go on that can: a store is never done at once. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
