import type { Explanation } from "../engine/explaining.js";
import type { GroupEnd } from "../engine/groups.js";
import { WarmpoolError } from "../model/error.js";
import { LETTER_FORMAT } from "../model/letter.js";
import type { ResourceRecord } from "../model/resource.js";
import type { TicketRecord } from "../model/ticket.js";
import { noSuchTicket } from "./errors.js";
import {
  type GroupListing,
  listGroups,
  listResources,
  listTickets,
  type ResourceFilter,
  type TicketFilter,
} from "./listing.js";
import type { Runtime } from "./runtime.js";
import { type Reset, resetSilent, type SilentReset } from "./silent-reset.js";
import { type ManagerStats, statsOf } from "./stats.js";
import { Steering } from "./steering.js";

/** What people and programs ask and tell a manager besides acquiring: plain data goes in and comes out. */
export interface Commands {
  explain(ticket: number): Promise<Explanation>;
  stats(): Promise<ManagerStats>;
  tickets(filter: TicketFilter): Promise<TicketRecord[]>;
  resources(filter: ResourceFilter): Promise<ResourceRecord[]>;
  groups(): Promise<GroupListing[]>;
  endGroup(group: string): Promise<GroupEnd>;
  pause(pool: string | undefined): Promise<void>;
  resume(pool: string | undefined): Promise<void>;
  drain(pool: string | undefined): Promise<void>;
  acceptRollback(): Promise<void>;
  resetSilent(pool: string, options: SilentReset): Promise<readonly Reset[]>;
  deleteResource(id: number): Promise<void>;
  holdResource(id: number, note: string, forMs: number | undefined): Promise<void>;
  unholdResource(id: number): Promise<void>;
  forgetResource(id: number, reason: string): Promise<void>;
}

/** They are done by the engine in this process, once there is one. */
export function localCommands(runtime: Runtime): Commands {
  const steering = new Steering(runtime);
  return {
    async explain(id) {
      const { engine } = await runtime.living("explain");
      const ticket = engine.ledger.ticket(id);
      if (ticket === undefined) throw noSuchTicket(id);
      return engine.explain(ticket);
    },
    async stats() {
      const { engine, records } = await runtime.living("stats");
      return statsOf(engine.ledger, records);
    },
    tickets: async (filter) => listTickets(await runtime.living("tickets"), filter),
    resources: async (filter) => listResources(await runtime.living("resources"), filter),
    groups: async () => listGroups(await runtime.living("groups")),
    endGroup: (group) => steering.endGroup(group),
    pause: (pool) => steering.toPools("pause", pool, (engine, each, nowMs) => engine.pause(each, nowMs)),
    resume: (pool) => steering.toPools("resume", pool, (engine, each, nowMs) => engine.resume(each, nowMs)),
    drain: (pool) => steering.drain(pool),
    acceptRollback: () => steering.acceptRollback(),
    resetSilent: (pool, options) => resetSilent(steering, pool, options),
    deleteResource: (id) =>
      steering.toResource("delete", id, (engine, resource, nowMs) => engine.remove(resource, nowMs)),
    holdResource: (id, note, forMs) =>
      steering.toResource(
        "hold",
        id,
        (engine, resource, nowMs) => engine.hold(resource, note, forMs ?? resource.pool.policy.holdForMs, nowMs),
        ["ready", "leased", "held"],
      ),
    unholdResource: (id) =>
      steering.toResource("unhold", id, (engine, resource, nowMs) => engine.unhold(resource, nowMs), ["held"]),
    forgetResource: (id, reason) =>
      steering.toResource("forget", id, (engine, resource, nowMs) => engine.forget(resource, reason, nowMs)),
  };
}

/** They are asked of whoever leads. */
export function remoteCommands(ask: (question: string, about: readonly unknown[]) => Promise<unknown>): Commands {
  const asking =
    (question: keyof Commands) =>
    (...about: readonly unknown[]): Promise<never> =>
      ask(question, about) as Promise<never>;
  return {
    explain: asking("explain"),
    stats: asking("stats"),
    tickets: asking("tickets"),
    resources: asking("resources"),
    groups: asking("groups"),
    endGroup: asking("endGroup"),
    pause: asking("pause"),
    resume: asking("resume"),
    drain: asking("drain"),
    acceptRollback: asking("acceptRollback"),
    resetSilent: asking("resetSilent"),
    deleteResource: asking("deleteResource"),
    holdResource: asking("holdResource"),
    unholdResource: asking("unholdResource"),
    forgetResource: asking("forgetResource"),
  };
}

/** Does what somebody elsewhere asks. In what was sent, `null` stands for what was left out. */
export async function answerBy(commands: Commands, question: string, about: readonly unknown[]): Promise<unknown> {
  if (!Object.hasOwn(commands, question)) {
    const details = { found: LETTER_FORMAT, supported: LETTER_FORMAT };
    throw new WarmpoolError("PROTOCOL_MISMATCH", `The leading process has no answer to "${question}".`, { details });
  }
  const run = commands[question as keyof Commands] as (...about: unknown[]) => Promise<unknown>;
  return await run(...about.map((each) => each ?? undefined));
}
