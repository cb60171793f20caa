import { type Effect, mayPrecedeCommit } from "../engine/effect.js";
import type { Engine } from "../engine/engine.js";
import type { CountersRecord } from "../model/counters.js";
import { isWarmpoolError } from "../model/error.js";
import type { AnyEvent } from "../model/event.js";
import type { Batch, Change, StoreSession } from "../store/store.js";
import type { Clock, Timer } from "./clock.js";
import type { Records } from "./records.js";
import type { WrittenEvents } from "./written-events.js";

export interface CommitterOptions {
  readonly engine: Engine;
  /** Absent: nothing is written down, and effects leave at once. */
  readonly session: StoreSession | undefined;
  readonly records: Records;
  /** What the store had. */
  readonly loaded: CountersRecord;
  /** The events in the store; absent where nothing is written down. */
  readonly written: WrittenEvents | undefined;
  readonly clock: Clock;
  run(effect: Effect): void;
  /** A commit failed and is being repeated. */
  repeated(error: unknown, attempt: number): void;
  /** The store refuses for good, or somebody else writes it: this engine must not go on. */
  failed(error: unknown, attempt: number): void;
}

const EVENTS_AHEAD = 1_000;
const FIRST_REPEAT_MS = 20;
const LONGEST_REPEAT_MS = 5_000;

interface Gathered {
  readonly promise: Promise<boolean>;
  readonly resolve: (committed: boolean) => void;
}

/**
 * Writes first, then acts: effects leave when the records of their decisions are committed. While one commit is under way,
 * what follows gathers into the next.
 */
export class Committer {
  readonly #options: CommitterOptions;
  #effects: Effect[] = [];
  #sealing = false;
  #committing = false;
  #stopped = false;
  #number = 0;
  /** As committed last: what this process is configured as. */
  #configuration: CountersRecord["configuration"];
  /** As committed last. Nothing at first: taking up the records may have used some before this was made. */
  #counters: string | undefined;
  /** Events below this number may be told. */
  #eventsReserved: number;
  /** Who waits for the next batch. */
  #gathered: Gathered | undefined;
  /** Who waits for the batch that is being committed. */
  #underWay: Gathered | undefined;
  #repeat: Timer | undefined;
  /** Why the newest commit failed, while it is being repeated. */
  problem: unknown;
  /** Inputs since the last batch was sealed. */
  waiting = 0;

  constructor(options: CommitterOptions) {
    this.#options = options;
    this.#eventsReserved = options.loaded.event;
    this.#configuration = options.loaded.configuration;
  }

  /** After each input: takes what came of it. */
  gather(): void {
    const { engine, session } = this.#options;
    if (session !== undefined) this.#gatherForStore();
    else if (engine.ledger.effects.length > 0) this.#runAll();
  }

  /** Nothing is written down first. */
  #runAll(): void {
    const { engine, run } = this.#options;
    for (const effect of engine.takeEffects()) run(effect);
  }

  #gatherForStore(): void {
    const { engine, run } = this.#options;
    const effects = engine.takeEffects();
    if (this.#stopped) return;
    this.waiting += 1;
    for (const effect of effects) {
      if (mayPrecedeCommit(effect)) run(effect);
      else this.#effects.push(effect);
    }
    if (this.#sealing || this.#committing) return;
    this.#sealing = true;
    // All inputs of this turn of the microtask queue share a batch.
    queueMicrotask(() => this.#seal());
  }

  /** An event that was told already is to be written down with the next batch. */
  log(event: AnyEvent): void {
    if (!this.#stopped) this.#effects.push({ type: "event", event, told: true });
  }

  /** Resolves when everything so far is committed; with `false`, when nothing will be any more. */
  committed(): Promise<boolean> {
    if (this.#options.session === undefined) return yes;
    if (this.#stopped) return no;
    // Between two batches, while the effects of the first one leave, what came since is not even sealed.
    if (!this.#sealing && !this.#committing && this.waiting === 0) return yes;
    if (this.#gathered === undefined) {
      let resolve!: (committed: boolean) => void;
      const promise = new Promise<boolean>((done) => {
        resolve = done;
      });
      this.#gathered = { promise, resolve };
    }
    return this.#gathered.promise;
  }

  /** Nothing leaves any more: neither batches nor effects. */
  stop(): void {
    this.#stopped = true;
    this.#repeat?.cancel();
    // A store that hangs may never answer.
    this.#underWay?.resolve(false);
    this.#gathered?.resolve(false);
    this.#gathered = undefined;
  }

  #seal(): void {
    this.#sealing = false;
    if (this.#stopped) return;
    const effects = this.#effects;
    const gathered = this.#gathered;
    this.#underWay = gathered;
    this.#effects = [];
    this.#gathered = undefined;
    this.waiting = 0;
    const { changes, apply } = this.#changes(effects);
    const finish = () => {
      this.#committing = false;
      if (this.#stopped) return;
      this.problem = undefined;
      apply();
      const before = this.#effects.length;
      for (const effect of effects) this.#options.run(effect);
      gathered?.resolve(true);
      if (this.#gathered !== undefined || this.#effects.length > before || this.waiting > 0) this.#sealSoon();
    };
    this.#committing = true;
    if (changes.length === 0) finish();
    else this.#commit(++this.#number, changes, 1, finish);
  }

  #sealSoon(): void {
    if (this.#sealing || this.#committing) return;
    this.#sealing = true;
    queueMicrotask(() => this.#seal());
  }

  #changes(effects: readonly Effect[]): { changes: Change[]; apply: () => void } {
    const { engine, records, written } = this.#options;
    const { resources, tickets } = engine.takeChanges();
    const changes: Change[] = [];
    const batch = records.begin();
    for (const resource of resources) {
      const record = resource.gone ? null : resource.toRecord();
      changes.push({ kind: "resource", id: resource.id, record: record && JSON.stringify(record) });
      batch.resources.push([resource.id, record]);
    }
    for (const ticket of tickets) {
      const record = ticket.gone ? null : ticket.toRecord();
      changes.push({ kind: "ticket", id: ticket.id, record: record && JSON.stringify(record) });
      batch.tickets.push([ticket.id, record]);
    }
    const events = effects.flatMap((effect) => (effect.type === "event" ? [effect.event] : []));
    if (written !== undefined) for (const change of written.changes(events)) changes.push(change);
    const counters = this.#countersToWrite(changes.length > 0);
    if (counters !== undefined) changes.push({ kind: "counters", id: 1, record: counters });
    return { changes, apply: () => records.apply(batch) };
  }

  /** Numbers of events are reserved ahead: most batches need not write them, and none is given twice after a crash. */
  #countersToWrite(changed: boolean): string | undefined {
    const { counters } = this.#options.engine.ledger;
    const exhausted = counters.event > this.#eventsReserved;
    const configured = counters.configuration !== this.#configuration;
    if (!changed && !exhausted && !configured) return undefined;
    this.#configuration = counters.configuration;
    if (exhausted) this.#eventsReserved = counters.event + EVENTS_AHEAD;
    const record: CountersRecord = { ...counters, event: this.#eventsReserved };
    const text = JSON.stringify(record);
    if (text === this.#counters) return undefined;
    this.#counters = text;
    return text;
  }

  #commit(number: number, changes: readonly Change[], attempt: number, finish: () => void): void {
    const { session, engine, clock } = this.#options;
    const batch = { epoch: engine.ledger.self.epoch, number, changes };
    commitTo(session as StoreSession, batch).then(finish, (error: unknown) => {
      if (this.#stopped) return finish();
      if (isFinal(error)) {
        this.stop();
        finish();
        return this.#options.failed(error, attempt);
      }
      this.problem = error;
      this.#options.repeated(error, attempt);
      // We don't know whether it was committed: only the same batch again can tell.
      const waitMs = Math.min(LONGEST_REPEAT_MS, FIRST_REPEAT_MS * 2 ** Math.min(attempt - 1, 20));
      this.#repeat = clock.after(waitMs, () => this.#commit(number, changes, attempt + 1, finish));
    });
  }
}

const yes = Promise.resolve(true);
const no = Promise.resolve(false);

/** A store that throws has not answered either. */
async function commitTo(session: StoreSession, batch: Batch): Promise<void> {
  await session.commit(batch);
}

function isFinal(error: unknown): boolean {
  return (
    isWarmpoolError(error, "FENCED") ||
    isWarmpoolError(error, "STORE_CORRUPT") ||
    isWarmpoolError(error, "STORE_FAILED")
  );
}
