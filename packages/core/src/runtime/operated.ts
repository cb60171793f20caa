import type { Explanation } from "../engine/explaining.js";
import type { GroupEnd } from "../engine/groups.js";
import type { ResourceRecord } from "../model/resource.js";
import type { TicketRecord } from "../model/ticket.js";
import type { Life } from "./life.js";
import {
  type GroupListing,
  type LeaseFilter,
  listGroups,
  listResources,
  listTickets,
  type ResourceFilter,
  type TicketFilter,
} from "./listing.js";
import { problem } from "./parse.js";
import { controlOf, type ResourceControl } from "./resource-control.js";
import type { Runtime } from "./runtime.js";
import { type ManagerStats, statsOf } from "./stats.js";
import { Steering } from "./steering.js";

/** Gives a manager its runtime, once it has one. */
export let operate: (operated: Operated, runtime: Runtime) => void;

/** What operators see of a manager, and do to it. */
export abstract class Operated<Name extends string = string> {
  static {
    operate = (operated, runtime) => {
      operated.#runtime = runtime;
      operated.#steering = new Steering(runtime);
    };
  }

  #runtime!: Runtime;
  #steering!: Steering;

  /** A ticket's place in line, the pools that could serve it, and what keeps each. */
  async explain(ticket: number): Promise<Explanation> {
    return await this.#runtime.process.until(this.#runtime.desk.explain(ticket));
  }

  /**
   * What the pools have and do, from committed records.
   *
   * @throws {WarmpoolError} `NOT_READY` before the store is open.
   */
  stats(): ManagerStats {
    const { engine, records } = this.#runtime.readable("stats");
    return statsOf(engine.ledger, records);
  }

  /**
   * Committed tickets, closed ones too as long as they are kept.
   *
   * @throws {WarmpoolError} `INVALID_OPTIONS`.
   */
  async tickets(filter: TicketFilter = {}): Promise<TicketRecord[]> {
    return listTickets(await this.#reading("tickets"), filter);
  }

  /**
   * Committed resources, whatever their state.
   *
   * @throws {WarmpoolError} `INVALID_OPTIONS`.
   */
  async resources(filter: ResourceFilter = {}): Promise<ResourceRecord[]> {
    return listResources(await this.#reading("resources"), filter);
  }

  /** Committed tickets that hold a lease. Throws as `tickets`. */
  async leases(filter: LeaseFilter = {}): Promise<TicketRecord[]> {
    return listTickets(await this.#reading("leases"), { ...filter, state: "granted" });
  }

  /** Groups that have open tickets. */
  async groups(): Promise<GroupListing[]> {
    return listGroups(await this.#reading("groups"));
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
    return await this.#steering.endGroup(group);
  }

  #reading(call: string): Promise<Life> {
    return this.#runtime.process.until(this.#runtime.living(call));
  }

  /** A resource, to be steered. Each command rejects with `NO_SUCH_RESOURCE` if there is none of that number. */
  resource(id: number): ResourceControl {
    return controlOf(this.#steering, id);
  }

  /** Stops lending and making, in one pool or in all. Leases go on, tickets wait. Not remembered over a restart. */
  async pause(pool?: Name): Promise<void> {
    await this.#steering.toPools("pause", pool, (engine, each, nowMs) => engine.pause(each, nowMs));
  }

  /** Undoes `pause` and `drain`. */
  async resume(pool?: Name): Promise<void> {
    await this.#steering.toPools("resume", pool, (engine, each, nowMs) => engine.resume(each, nowMs));
  }

  /**
   * Refuses new tickets, serves those that wait, deletes what comes back. Resolves when nothing is left. `resume` undoes it.
   */
  async drain(pool?: Name): Promise<void> {
    await this.#steering.drain(pool);
  }

  /**
   * Accepts that the store was restored from an older copy (`STORE_ROLLED_BACK`): lending goes on, and things of the lost time
   * are treated as any that have no record.
   */
  async acceptRollback(): Promise<void> {
    await this.#steering.acceptRollback();
  }
}
