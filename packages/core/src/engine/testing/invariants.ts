import { RESOURCE_STATES } from "../../model/resource.js";
import type { Call } from "../call.js";
import type { Engine } from "../engine.js";
import type { Ledger } from "../ledger.js";
import { goesBefore } from "../line.js";
import { countOf, roomAt } from "../making.js";
import { mayLend } from "../matching.js";
import type { Pool } from "../pool.js";
import type { Provider } from "../provider.js";
import type { Resource } from "../resource.js";
import type { Session } from "../session.js";
import type { Ticket } from "../ticket.js";
import type { WarmList } from "../warm-list.js";
import { insist } from "./insist.js";
import { checkNobodyWaitsInVain, linesOf } from "./invariants-waiting.js";

const NEVER = Number.POSITIVE_INFINITY;

/** Everything that must hold between two inputs, whatever they were. */
export function checkInvariants(engine: Engine, newCalls: readonly Call[]): void {
  const { ledger } = engine;
  insist(ledger.isSettled, () => "a pool was left unsettled");
  checkResources(engine);
  checkTickets(engine);
  for (const pool of ledger.pools.values()) checkPool(engine, pool);
  for (const provider of ledger.providers.values()) checkProvider(engine, provider);
  checkSessions(engine);
  checkNumbers(engine);
  checkOwners(engine);
  checkCaps(engine, newCalls);
  checkNobodyWaitsInVain(engine);
}

function checkResources(engine: Engine): void {
  const { ledger } = engine;
  insist(ledger.resources.size === ledger.keys.size, () => "as many keys as resources");
  for (const resource of ledger.resources.values()) {
    const name = `resource ${resource.id} (${resource.state})`;
    insist(!resource.gone, () => `${name} is recorded, but gone`);
    insist(ledger.keys.get(resource.key) === resource, () => `${name} has its key`);
    insist(ledger.pools.get(resource.pool.name) === resource.pool, () => `${name} has a pool that exists`);
    insist(resource.ticket === undefined || resource.state === "leased", () => `${name} has a ticket`);
    if (resource.ticket !== undefined) {
      const { ticket } = resource;
      insist(
        ticket.party === undefined || ticket.party.shares?.includes(ticket) === true,
        () => `${name} is a share of a party that has it`,
      );
      insist(ticket.resource === resource, () => `${name} names a ticket that does not name it`);
      insist(ticket.state === "granted", () => `${name} names a ticket that is ${ticket.state}`);
    }
    insist(!resource.vetting || resource.state === "ready", () => `${name} is being vetted`);
    insist(resource.reason !== undefined || resource.state !== "deleting", () => `${name} is deleted for a reason`);
    insist(
      resource.call === undefined || resource.call.resource.key === resource.key,
      () => `${name} has its own call`,
    );
    if (!resource.pool.provider.stranded)
      insist(isLookedAfter(engine, resource), () => `${name} is never looked at again`);
  }
}

/** Something will happen to it: a call is answered, a deadline comes, a sweep ends. */
function isLookedAfter({ ledger }: Engine, resource: Resource): boolean {
  const { call, pool, state } = resource;
  const armed = ledger.deadlines.dueAtMs(resource) < NEVER;
  if (call !== undefined) return call.abandonAtMs === undefined || armed || call.abandonAtMs === NEVER;
  switch (state) {
    case "allocating":
    case "resetting":
      return false;
    case "unknown":
      return armed;
    case "ready": {
      const { policy } = pool;
      // In its condition it waits for whoever asks for that.
      const isAside = pool.usual !== undefined && resource.condition !== pool.usual;
      if (isAside && policy.maxAgeMs === NEVER && resource.checkAtMs === NEVER) {
        return armed || resource.condition !== policy.conditions?.clean?.from || !pool.provider.policy.can.reset;
      }
      const replaced = policy.maxAgeMs !== NEVER || (policy.unclaimedMs !== NEVER && resource.uses === 0);
      return armed || (policy.shrinkAfterMs === NEVER && !replaced && resource.checkAtMs === NEVER);
    }
    case "leased":
      return armed || (resource.ticket !== undefined ? resource.checkAtMs === NEVER : resource.untilAtMs === NEVER);
    case "held":
      return armed || (resource.untilAtMs ?? NEVER) === NEVER;
    case "deleting": {
      const { provider } = pool;
      const swept = provider.sweep !== undefined || provider.heapIndex !== -1 || ledger.rolledBack !== undefined;
      return armed || (resource.confirmBySweep !== undefined && swept);
    }
  }
}

function checkTickets(engine: Engine): void {
  const { ledger } = engine;
  const inLine = new Set<Ticket>();
  for (const line of [...linesOf(engine), ledger.parties]) {
    let before: Ticket | undefined;
    let size = 0;
    for (const ticket of line) {
      insist(ticket.line === line, () => `ticket ${ticket.id} stands in the line that it names`);
      insist(!inLine.has(ticket), () => `ticket ${ticket.id} stands in one line`);
      insist(before === undefined || goesBefore(before, ticket), () => `ticket ${ticket.id} stands in order`);
      insist(ticket.state === "waiting", () => `ticket ${ticket.id} stands in line, but is ${ticket.state}`);
      insist(ledger.ticket(ticket.id) === ticket, () => `ticket ${ticket.id} waits, and can be asked about`);
      inLine.add(ticket);
      before = ticket;
      size += 1;
    }
    insist(line.size === size, () => `a line counts ${line.size}, and has ${size}`);
  }
  for (const ticket of ledger.allTickets()) {
    const name = `ticket ${ticket.id} (${ticket.state})`;
    insist(!ticket.gone, () => `${name} is recorded, but gone`);
    const early = ledger.early.has(ticket);
    insist(
      (ticket.state === "waiting" && !early) === inLine.has(ticket),
      () => `${name} is in line exactly if it waits and has started`,
    );
    insist(!early || ticket.isEarly, () => `${name} is kept for later, and has started`);
    checkHoldings(ledger, ticket, name);
    insist(ticket.state !== "waiting" || ticket.token === 0, () => `${name} waits and has a token`);
    insist((ticket.state === "closed") === (ticket.end !== undefined), () => `${name} has an end exactly if closed`);
    insist(ticket.state !== "closed" || ticket.durable, () => `${name} is kept though nobody may ask for it`);
    const { deadlines } = ledger;
    const ranks = ticket.rank === undefined ? NEVER : deadlines.dueAtMs(ticket.rank);
    const armed = Math.min(deadlines.dueAtMs(ticket), ranks);
    insist(armed <= Math.max(endsAtMs(engine, ticket), ledger.nowMs), () => `${name} would not be looked at in time`);
  }
}

/** All or nothing: what a ticket holds is what it asked for, but for what came to its own end. */
function checkHoldings({ startedAtMs }: Ledger, ticket: Ticket, name: string): void {
  const { state, resource, shares = [], isParty, order } = ticket;
  for (const one of isParty ? shares : [ticket]) {
    const lasts = one.state !== "granted" || one.expiresAtMs <= Math.max(ticket.lifespanEndsAtMs, startedAtMs);
    insist(lasts, () => `${name} expires after its lifespan`);
  }
  if (!isParty) {
    insist((state === "granted") === (resource !== undefined), () => `${name} has a resource if granted`);
    insist(state !== "granted" || resource?.ticket === ticket, () => `${name} is named by its resource`);
    return;
  }
  const asked = (order.items ?? []).reduce((sum, { count }) => sum + count, 0);
  const held = shares.filter((share) => share.state === "granted");
  insist(resource === undefined, () => `${name} holds by its shares`);
  insist(state === "granted" || held.length === 0, () => `${name} has a part of what it asked for`);
  insist(state !== "granted" || held.length > 0, () => `${name} has nothing left`);
  insist(state !== "granted" || ticket.lent.length === asked, () => `${name} was granted all`);
  for (const share of held) {
    insist(share.resource?.ticket === share, () => `${name} is named by each of its resources`);
    insist(
      share.token === ticket.token + ticket.lent.indexOf(share.resource?.id ?? -1),
      () => `${name} has its tokens`,
    );
  }
}

function endsAtMs({ ledger }: Engine, ticket: Ticket): number {
  if (ledger.early.has(ticket)) return ticket.waitsSinceMs;
  if (ticket.state === "waiting") return ticket.waitUntilAtMs;
  if (ticket.state === "closed") return (ticket.endedAtMs ?? NEVER) + ledger.self.keepClosedMs;
  const graceMs = ticket.resource?.pool.policy.lease.graceMs ?? 0;
  const leaseMs = ticket.overdue ? ticket.expiresAtMs + graceMs : ticket.expiresAtMs;
  return ticket.delivered ? leaseMs : Math.min(leaseMs, ticket.takeUntilAtMs);
}

function checkPool({ ledger }: Engine, pool: Pool): void {
  const own = [...ledger.resources.values()].filter((resource) => resource.pool === pool);
  for (const state of RESOURCE_STATES) {
    const count = own.filter((resource) => resource.state === state).length;
    insist(
      pool.counts[state] === count,
      () => `pool ${pool.name} counts ${pool.counts[state]} ${state}, and has ${count}`,
    );
  }
  let wanted = 0;
  for (const { wants = [] } of ledger.parties) {
    for (const { count, pools } of wants) if (pools.includes(pool)) wanted += count;
  }
  insist(pool.wanted === wanted, () => `pool ${pool.name} counts ${pool.wanted} wanted of it, and ${wanted} are`);
  insist(pool.total === own.length, () => `pool ${pool.name} counts ${pool.total}, and has ${own.length}`);
  const waiting = [...pool.allLines()].reduce((sum, line) => sum + line.waiting, wanted);
  insist(pool.waiting === waiting, () => `pool ${pool.name} counts ${pool.waiting} tickets, and ${waiting} wait`);
  insist(pool.vetting === own.filter(({ vetting }) => vetting).length, () => `pool ${pool.name} counts its vetting`);
  insist(
    pool.slowDeletes === own.filter((one) => one.slowDelete).length,
    () => `pool ${pool.name} counts slow deletes`,
  );
  insist(new Set(own.map(({ slot }) => slot)).size === own.length, () => `pool ${pool.name} gives a slot once`);
  insist(pool.provider.pools.has(pool), () => `pool ${pool.name} is known to its provider`);
  const warm = new Set(pool.free());
  insist(
    pool.warm.size + pool.bound.size + pool.conditioned.size === warm.size,
    () => `pool ${pool.name} counts its warm ones`,
  );
  const resettingBound = own.filter(({ state, boundTo }) => state === "resetting" && boundTo !== undefined).length;
  insist(pool.resettingBound === resettingBound, () => `pool ${pool.name} counts what is reset for its own`);
  for (const resource of own) {
    const lendable = resource.state === "ready" && resource.failedChecks === 0 && !resource.vetting;
    insist(warm.has(resource) === lendable, () => `resource ${resource.id} is on the warm list exactly if lendable`);
    insist(resource.warm === lendable, () => `resource ${resource.id} knows whether it is on the warm list`);
    insist(
      !lendable || resource.shelf === shelfOf(pool, resource),
      () => `resource ${resource.id} lies where its own look for it`,
    );
    insist(!lendable || resource.spec === pool.policy.spec || pool.drifted, () => `${pool.name} knows that it drifted`);
  }
  if (pool.mode === "leaving") insist(pool.waiting === 0 && own.length > 0, () => `pool ${pool.name} leaves`);
  if (pool.endsWhatIsFree && mayLend(ledger, pool)) {
    insist(warm.size === 0, () => `pool ${pool.name} drains, and keeps some`);
  }
}

function shelfOf({ usual, warm, bound, conditioned }: Pool, { boundTo, condition }: Resource): WarmList | undefined {
  if (usual !== undefined && condition !== usual) return conditioned.of(condition ?? "");
  return boundTo === undefined ? warm : bound.of(boundTo);
}

/** A number of a counter is given once, over all pools. */
function checkNumbers({ ledger }: Engine): void {
  const given = new Set<string>();
  for (const { id, marks } of ledger.resources.values()) {
    for (const [counter, number] of Object.entries(marks.counters ?? {})) {
      const name = `${counter} ${number}`;
      insist(!given.has(name), () => `resource ${id} has ${name}, which another one has`);
      given.add(name);
    }
  }
}

/** What is counted of owners is what they have. */
function checkOwners({ ledger }: Engine): void {
  const { owners } = ledger;
  if (owners === undefined) return;
  const counted = new Map([...owners.known].map((name) => [name, { leases: 0, waiting: 0 }]));
  const of = (name: string) => {
    const count = counted.get(name);
    insist(count !== undefined, () => `owner ${name} is known`);
    return count as { leases: number; waiting: number };
  };
  for (const { ticket } of ledger.resources.values()) if (ticket !== undefined) of(ticket.owner).leases += 1;
  for (const { owner, state } of ledger.allTickets()) if (state === "waiting") of(owner).waiting += 1;
  for (const [name, { leases, waiting }] of counted) {
    const owner = owners.of(name);
    insist(owner.leases === leases, () => `owner ${name} counts ${owner.leases} leases, and has ${leases}`);
    insist(owner.waiting === waiting, () => `owner ${name} counts ${owner.waiting} waiting, and has ${waiting}`);
    insist(leases + waiting + owner.queues.size > 0, () => `owner ${name} is remembered for nothing`);
    for (const { size } of owner.queues) insist(size > 0, () => `owner ${name} has an empty queue`);
  }
}

function checkProvider({ ledger }: Engine, provider: Provider): void {
  let total = 0;
  for (const pool of provider.pools) {
    total += pool.total;
    insist(ledger.pools.get(pool.name) === pool, () => `provider ${provider.name} has a pool that left`);
    insist(pool.provider === provider, () => `pool ${pool.name} has another provider`);
  }
  insist(provider.pools.size > 0, () => `provider ${provider.name} has no pool`);
  insist(provider.total === total, () => `provider ${provider.name} counts ${provider.total}, and has ${total}`);
  if (provider.policy.can.list && !provider.stranded) {
    const armed = ledger.deadlines.dueAtMs(provider) <= provider.sweepAtMs;
    insist(provider.sweep !== undefined || armed, () => `provider ${provider.name} is never swept again`);
  }
}

/** No allocate starts above a cap, counting everything. Finding things, or lowering a cap, may leave more. */
function checkCaps({ ledger }: Engine, newCalls: readonly Call[]): void {
  for (const call of newCalls) {
    if (call.kind !== "allocate") continue;
    const { pool } = call;
    const { provider } = pool;
    insist(countOf(pool) <= pool.policy.max, () => `pool ${pool.name} has ${countOf(pool)} of ${pool.policy.max}`);
    insist(roomAt(provider) >= 0, () => `provider ${provider.name} has ${provider.total} of ${provider.policy.max}`);
    insist(pool.mode === "open" || pool.mode === "draining", () => `pool ${pool.name} makes while ${pool.mode}`);
    insist(ledger.rolledBack === undefined, () => "something is made though the store was rolled back");
    insist(!provider.policy.can.list || provider.swept, () => "something is made before the first listing");
    insist(provider.breaker.openUntilMs <= ledger.nowMs, () => "something is made though the breaker is open");
  }
}

/** Who waits for a session elsewhere is found by it, and is looked at when it falls silent. */
function checkSessions({ ledger }: Engine): void {
  for (const session of ledger.sessions.values()) {
    for (const ticket of session.tickets) {
      insist(ledger.tickets.get(ticket.id) === ticket, () => `session ${session.id} has ticket ${ticket.id}`);
    }
  }
  for (const ticket of ledger.tickets.values()) {
    const { call, session } = ticket.order;
    if (call !== undefined) insist(ledger.calls.get(call) === ticket, () => `call ${call} finds ticket ${ticket.id}`);
    if (session === undefined || call === undefined || ticket.state !== "waiting") continue;
    const known = ledger.sessions.get(session);
    insist(known?.tickets.has(ticket) === true, () => `ticket ${ticket.id} waits for session ${session}`);
    insist(ledger.deadlines.dueAtMs(known as Session) < NEVER, () => `session ${session} is never looked at`);
  }
}
