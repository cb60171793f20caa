import type { Explanation } from "../engine/explaining.js";
import type { GroupEnd } from "../engine/groups.js";
import type { AnyEvent } from "../model/event.js";
import type { ResourceRecord } from "../model/resource.js";
import type { TicketRecord } from "../model/ticket.js";
import { answerBy, type Commands, localCommands, remoteCommands } from "./commands.js";
import { notReady } from "./errors.js";
import { type EventsOptions, readEvents } from "./event-stream.js";
import {
  FILTERS,
  type GroupListing,
  type InPool,
  type LeaseFilter,
  type ResourceFilter,
  type TicketFilter,
} from "./listing.js";
import { checkKnown, problem } from "./parse.js";
import { controlOf, type ResourceControl } from "./resource-control.js";
import type { Runtime } from "./runtime.js";
import type { Reset, SilentReset } from "./silent-reset.js";
import { type ManagerStats, revived, statsOf } from "./stats.js";

/** Whoever looks at the numbers of another process asks for new ones at most so often. Milliseconds. */
const STATS_MS = 1_000;

/** Gives a manager its runtime, once it has one. Returns how it does what another process asks for. */
export let operate: (
  operated: Operated,
  runtime: Runtime,
) => (question: string, about: readonly unknown[]) => Promise<unknown>;

/** What operators see of a manager, and do to it. */
export abstract class Operated<Name extends string = string> {
  static {
    operate = (operated, runtime) => {
      const here = localCommands(runtime);
      const { remote } = runtime;
      operated.#runtime = runtime;
      operated.#commands =
        remote === undefined ? here : remoteCommands((question, about) => remote.ask(question, about));
      return (question, about) => answerBy(here, question, about);
    };
  }

  #runtime!: Runtime;
  /** Done here, or asked of whoever leads. */
  #commands!: Commands;
  #lastStats: { readonly stats: ManagerStats; readonly atMs: number } | undefined;

  /** A ticket's place in line, the pools that could serve it, and what keeps each. */
  async explain(ticket: number): Promise<Explanation> {
    return await this.#until(this.#commands.explain(ticket));
  }

  /**
   * What the pools have and do, from committed records.
   *
   * @throws {WarmpoolError} `NOT_READY` before the store is open.
   */
  stats(): ManagerStats {
    const { remote, life } = this.#runtime;
    if (remote === undefined || life !== undefined) {
      const { engine, records } = this.#runtime.readable("stats");
      return statsOf(engine.ledger, records);
    }
    const last = this.#lastStats;
    const isOld = this.#runtime.nowMs >= (last?.atMs ?? 0) + STATS_MS;
    if (isOld && this.#runtime.problem === undefined) this.#askStats().catch(() => {});
    if (last === undefined) throw this.#runtime.problem ?? notReady("stats");
    return last.stats;
  }

  /** Of another process they are as old as its last answer: it is asked for the next one when somebody has looked. */
  async #askStats(): Promise<void> {
    const atMs = this.#runtime.nowMs;
    if (this.#lastStats !== undefined) this.#lastStats = { ...this.#lastStats, atMs };
    this.#lastStats = { stats: revived(await this.#commands.stats()), atMs };
  }

  /** Resolves when there are numbers to be seen, of whichever process. */
  protected async heardStats(): Promise<void> {
    if (this.#runtime.remote !== undefined) await this.#askStats();
  }

  /** Keeps the process alive until a call is answered. */
  #until<T>(call: Promise<T>): Promise<T> {
    return this.#runtime.process.until(call);
  }

  /**
   * Committed tickets, closed ones too as long as they are kept.
   *
   * @throws {WarmpoolError} `INVALID_OPTIONS`.
   */
  async tickets(filter: TicketFilter & InPool<Name> = {}): Promise<TicketRecord[]> {
    return await this.#until(this.#commands.tickets(filter));
  }

  /**
   * Committed resources, whatever their state.
   *
   * @throws {WarmpoolError} `INVALID_OPTIONS`.
   */
  async resources(filter: ResourceFilter & InPool<Name> = {}): Promise<ResourceRecord[]> {
    return await this.#until(this.#commands.resources(filter));
  }

  /** Committed tickets that hold a lease. Throws as `tickets`. */
  async leases(filter: LeaseFilter & InPool<Name> = {}): Promise<TicketRecord[]> {
    checkKnown(filter, FILTERS);
    return await this.tickets({ ...filter, state: "granted" });
  }

  /** Groups that have open tickets. */
  async groups(): Promise<GroupListing[]> {
    return await this.#until(this.#commands.groups());
  }

  /**
   * Ends all leases and waiting tickets that name this group, at once and without grace: their holders' signals abort, their
   * waits reject with `TICKET_CANCELLED`. A group that has nothing is no error. Resolves when it is committed.
   *
   * @returns How many it ended.
   */
  async endGroup(group: string): Promise<GroupEnd> {
    if (typeof group !== "string" || group === "")
      throw problem([{ path: "group", problem: "must be a text, and not empty" }]);
    return await this.#until(this.#commands.endGroup(group));
  }

  /**
   * What happens, as an async iterable: first what is kept of the past, from any point, then what comes, without a gap and none
   * twice. It ends with the manager, by `break`, or by its signal.
   *
   * @param options.after The `seq` of the last event that is known already; 0: from the very first. Default: from now.
   * @throws {WarmpoolError} `EVENTS_GONE` from reading, when what comes next is not kept any more; `ABORTED` from reading;
   * `INVALID_OPTIONS`.
   */
  events(options: EventsOptions = {}): AsyncIterableIterator<AnyEvent> {
    return readEvents(this.#runtime, options);
  }

  /**
   * Takes what is lent in a condition away from holders that were not heard of for so long, and puts it into another
   * condition. (A pool's `conditions.silent` does it by itself.)
   *
   * @returns What it was, and who had it, once it is committed.
   * @throws {WarmpoolError} `NO_SUCH_POOL`; `INVALID_OPTIONS` for a condition that the pool does not have.
   */
  async resetSilent(options: SilentReset & { readonly pool: Name }): Promise<readonly Reset[]> {
    const { pool, ...rest } = options ?? {};
    if (typeof pool !== "string") throw problem([{ path: "pool", problem: "is required: it is the name of a pool" }]);
    return await this.#until(this.#commands.resetSilent(pool, rest));
  }

  /** A resource, to be steered. Each command rejects with `NO_SUCH_RESOURCE` if there is none of that number. */
  resource(id: number): ResourceControl {
    return controlOf(this.#commands, id);
  }

  /** Stops lending and making, in one pool or in all. Leases go on, tickets wait. Not remembered over a restart. */
  async pause(pool?: Name): Promise<void> {
    await this.#until(this.#commands.pause(pool));
  }

  /** Undoes `pause` and `drain`. */
  async resume(pool?: Name): Promise<void> {
    await this.#until(this.#commands.resume(pool));
  }

  /**
   * Refuses new tickets, serves those that wait, deletes what comes back. Resolves when nothing is left. `resume` undoes it.
   */
  async drain(pool?: Name): Promise<void> {
    await this.#until(this.#commands.drain(pool));
  }

  /**
   * Accepts that the store was restored from an older copy (`STORE_ROLLED_BACK`): lending goes on, and things of the lost time
   * are treated as any that have no record.
   */
  async acceptRollback(): Promise<void> {
    await this.#until(this.#commands.acceptRollback());
  }
}
