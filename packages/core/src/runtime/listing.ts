import type { Ledger } from "../engine/ledger.js";
import { RESOURCE_STATES, type ResourceRecord, type ResourceState } from "../model/resource.js";
import { TICKET_STATES, type TicketRecord, type TicketState } from "../model/ticket.js";
import type { Life } from "./life.js";
import { checkKnown, type Problem, problem } from "./parse.js";
import type { Records } from "./records.js";

/** What all listings can be narrowed down by. */
interface Filter {
  /** Name of a pool. One that is gone has nothing. */
  readonly pool?: string;
  /** A tag of that pool, one on demand too. */
  readonly tag?: string;
  /** Who asked. */
  readonly owner?: string;
  /** What `acquire` or `request` was given. */
  readonly group?: string;
}

export const FILTERS: readonly (keyof Filter)[] = ["pool", "tag", "owner", "group"];

/** Which tickets to list. Of one that waits, the pools are those that could serve it; of one that is closed, the one that did. */
export interface TicketFilter extends Filter {
  /** Default: any. */
  readonly state?: TicketState;
}

/** Which leases to list. */
export interface LeaseFilter extends Filter {}

/** Which resources to list. Owner and group are those of the lease on it. */
export interface ResourceFilter extends Filter {
  /** One of its pool's conditions. Default: any. */
  readonly condition?: string;
  /** What it is called. Default: any. */
  readonly name?: string;
  /** Default: any. */
  readonly state?: ResourceState;
}

/** Only what is in a pool that exists, by the types. */
export interface InPool<Name extends string> {
  /** Name of a pool. Default: any. */
  readonly pool?: Name;
}

/** A group with open tickets. */
export interface GroupListing {
  /** Its name. */
  readonly group: string;
  /** Leases that are held. */
  readonly leases: number;
  /** Tickets that wait. */
  readonly waiting: number;
}

/** @throws {WarmpoolError} `INVALID_OPTIONS`. */
export function listTickets({ engine, records }: Life, filter: TicketFilter): TicketRecord[] {
  check(filter, TICKET_STATES);
  const { state, owner, group, pool, tag } = filter;
  return [...records.tickets()].filter((ticket) => {
    if (state !== undefined && ticket.state !== state) return false;
    if (owner !== undefined && ticket.owner !== owner) return false;
    if (group !== undefined && ticket.group !== group) return false;
    if (pool === undefined && tag === undefined) return true;
    return poolsOf(ticket, engine.ledger, records).some((name) => isOf(name, pool, tag, engine.ledger));
  });
}

/** @throws {WarmpoolError} `INVALID_OPTIONS`. */
export function listResources({ engine, records }: Life, filter: ResourceFilter): ResourceRecord[] {
  check(filter, RESOURCE_STATES, ["condition", "name"]);
  const { state, owner, group, pool, tag, condition, name } = filter;
  return [...records.resources()].filter((resource) => {
    if (state !== undefined && resource.state !== state) return false;
    if (condition !== undefined && resource.condition !== condition) return false;
    if (name !== undefined && resource.name !== name) return false;
    if (!isOf(resource.pool, pool, tag, engine.ledger)) return false;
    if (owner === undefined && group === undefined) return true;
    const ticket = resource.ticket === undefined ? undefined : records.ticket(resource.ticket);
    if (ticket === undefined) return false;
    return (owner === undefined || ticket.owner === owner) && (group === undefined || ticket.group === group);
  });
}

/** In the order of their first open tickets. */
export function listGroups({ records }: Life): GroupListing[] {
  const groups = new Map<string, { group: string; leases: number; waiting: number }>();
  for (const { group, state, id, lease } of records.tickets()) {
    if (group === undefined || state === "closed") continue;
    const listing = groups.get(group) ?? { group, leases: 0, waiting: 0 };
    groups.set(group, listing);
    if (state === "waiting") listing.waiting += 1;
    // Of several things, some may have come back.
    else listing.leases += (lease?.resources ?? []).filter((each) => records.resource(each)?.ticket === id).length;
  }
  return [...groups.values()];
}

/** The pools that serve a ticket, did, or could. */
function poolsOf({ state, items, lease, output }: TicketRecord, ledger: Ledger, records: Records): readonly string[] {
  if (state === "granted") return (lease?.resources ?? []).flatMap((id) => records.resource(id)?.pool ?? []);
  if (state === "closed" && output !== undefined) return output.map(({ pool }) => pool);
  return items.flatMap((item) => ledger.lines.for(item)?.pools.map(({ name }) => name) ?? item.pool ?? []);
}

function isOf(name: string, pool: string | undefined, tag: string | undefined, ledger: Ledger): boolean {
  if (pool !== undefined && name !== pool) return false;
  if (tag === undefined) return true;
  const { tags = [], tagsOnDemand = [] } = ledger.pools.get(name)?.policy ?? {};
  return [...tags, ...tagsOnDemand].some((each) => each.name === tag);
}

/** A slip in a filter would list nothing, or everything. */
function check(
  filter: TicketFilter | ResourceFilter,
  states: readonly string[],
  others: readonly (keyof ResourceFilter)[] = [],
): void {
  checkKnown(filter, [...FILTERS, "state", ...others]);
  const problems: Problem[] = [];
  for (const [path, value] of Object.entries(filter)) {
    if (value === undefined) continue;
    if (path === "state" && !states.includes(value))
      problems.push({ path, problem: `must be one of ${states.join(", ")}, not ${JSON.stringify(value)}` });
    else if (typeof value !== "string" || value === "")
      problems.push({ path, problem: "must be a text, and not empty" });
  }
  if (problems.length > 0) throw problem(problems);
}
