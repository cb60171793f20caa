import { WarmpoolError } from "../../model/error.js";
import type { ConnectOptions, LeaderMail, LeaderPost, Letter, SessionPost } from "../../store/post.js";
import type { Batch, Leadership, OpenOptions, Store, StoredRecord, StoreSession } from "../../store/store.js";
import { sharing } from "../sharing.js";

/** What several `SharedMapStore`s have in common: the database server, and the network around it. */
export class SharedMap {
  readonly records = new Map<string, StoredRecord>();
  epoch = 0;
  leader: SharedMapSession | undefined;
  /** Whether a letter is lost; by default none is. */
  loses: (from: "session" | "leader", letter: Letter) => boolean = () => false;
  /** Letters that were sent, and lost. */
  readonly sent: { readonly from: "session" | "leader"; readonly letter: Letter }[] = [];
  readonly sessions = new Map<string, ConnectOptions>();
  /** Called when the leadership is free. */
  readonly candidates: (() => void)[] = [];

  /** Elects the next candidate, if there is any: whoever led has lost it, without hearing of it yet. */
  elect(): void {
    this.leader = undefined;
    this.candidates.shift()?.();
  }

  /** The record of that kind and number, parsed. */
  record<R>(kind: string, id: number): R | undefined {
    const stored = this.records.get(`${kind} ${id}`);
    return stored === undefined ? undefined : (JSON.parse(stored.record) as R);
  }

  carry(from: "session" | "leader", letter: Letter): void {
    this.sent.push({ from, letter });
    if (this.loses(from, letter)) return;
    queueMicrotask(() => {
      if (from === "session") this.leader?.mail?.received([letter]);
      else this.sessions.get(letter.session)?.receive([letter.text]);
    });
  }
}

/** One process's connection to a shared map. */
export class SharedMapStore implements Store<true> {
  readonly name = "shared map";
  readonly durable = true;
  readonly shared = true;
  readonly leaderTtlMs = 5_000;
  readonly sharing = sharing;
  readonly #map: SharedMap;

  constructor(map: SharedMap) {
    this.#map = map;
  }

  async open(_namespace: string, { signal }: OpenOptions = {}): Promise<StoreSession> {
    const map = this.#map;
    while (map.leader !== undefined) {
      await new Promise<void>((resolve, reject) => {
        map.candidates.push(resolve);
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    }
    signal?.throwIfAborted();
    map.epoch += 1;
    map.leader = new SharedMapSession(map, map.epoch);
    return map.leader;
  }

  async connect(_namespace: string, options: ConnectOptions): Promise<SessionPost> {
    const { session } = options;
    this.#map.sessions.set(session, options);
    return {
      send: async (text) => this.#map.carry("session", { session, text }),
      close: async () => {
        if (this.#map.sessions.get(session) === options) this.#map.sessions.delete(session);
      },
    };
  }
}

class SharedMapSession implements StoreSession {
  readonly epoch: number;
  readonly installation = "map00000";
  readonly leadership: Leadership;
  readonly post: LeaderPost;
  mail: LeaderMail | undefined;
  readonly #map: SharedMap;
  #last = 0;

  constructor(map: SharedMap, epoch: number) {
    this.#map = map;
    this.epoch = epoch;
    const session = this;
    this.leadership = {
      get leftMs() {
        return map.leader === session ? 10_000 : 0;
      },
      ended: new Promise(() => {}),
    };
    this.post = {
      listen: (mail) => {
        this.mail = mail;
      },
      send: async (letters) => {
        for (const letter of letters) map.carry("leader", letter);
      },
    };
  }

  async *load(): AsyncIterable<readonly StoredRecord[]> {
    yield [...this.#map.records.values()];
  }

  async commit({ epoch, number, changes }: Batch): Promise<void> {
    if (epoch !== this.#map.epoch) throw new WarmpoolError("FENCED", "a newer session writes", { details: { epoch } });
    if (number <= this.#last) return;
    this.#last = number;
    for (const { kind, id, record } of changes) {
      if (record === null) this.#map.records.delete(`${kind} ${id}`);
      else this.#map.records.set(`${kind} ${id}`, { kind, id, record });
    }
  }

  async close(): Promise<void> {
    if (this.#map.leader === this) this.#map.elect();
  }
}
