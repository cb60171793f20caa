import { allot } from "../allot.js";
import { isContested, meansOf, needsOf } from "../allotting.js";
import { isChoosy, pickChoosy } from "../choosy.js";
import type { Engine } from "../engine.js";
import { gather } from "../gather.js";
import type { Ledger } from "../ledger.js";
import { goesBefore, type Line } from "../line.js";
import { countOf, mayMakeAtMs, roomAt } from "../making.js";
import { mayLend } from "../matching.js";
import { isWorthKeeping } from "../matching-parties.js";
import { areMade } from "../needs.js";
import { mayHaveAll, poolsOf } from "../party.js";
import { ownOf, suits } from "../picking.js";
import type { Pool } from "../pool.js";
import type { Ticket } from "../ticket.js";
import { insist } from "./insist.js";

/** Nobody waits for what is free, or could be made. */
export function checkNobodyWaitsInVain(engine: Engine): void {
  const { ledger } = engine;
  // What is due has not been looked at yet.
  if (ledger.rolledBack !== undefined || engine.wakeAtMs <= ledger.nowMs) return;
  if (ledger.parties.size > 0) checkNoPartyWaitsInVain(engine);
  for (const pool of ledger.pools.values()) {
    if (ledger.parties.size > 0) break;
    if (mayLend(ledger, pool) && pool.vetting < pool.waiting) checkNobodyPassesOver(ledger, pool);
  }
  for (const line of linesOf(engine)) {
    if (!areMade(line.needs) || isContested(ledger, line.pools)) continue;
    let supply = 0;
    for (const { mode, warm, coming } of line.pools) {
      if (mode !== "paused") supply += (line.needs === undefined ? warm.size : 0) + coming;
    }
    if (line.waiting <= supply || [...connected(line)].some(({ counts }) => counts.allocating > 0)) continue;
    for (const pool of line.pools) {
      insist(!couldMake(engine, pool, line), () => `a ticket waits though pool ${pool.name} could make one`);
    }
  }
}

/** Nothing is free that is for somebody who waits: said plainly, without shelves and lines. */
function checkNobodyPassesOver({ nowMs, owners }: Ledger, pool: Pool): void {
  for (const line of pool.allLines()) {
    for (const ticket of line) {
      if (owners?.room(ticket.owner) === 0) continue;
      for (const resource of pool.free()) {
        const isHis = suits(pool, resource, ticket.order, nowMs);
        insist(!isHis, () => `ticket ${ticket.id} waits though pool ${pool.name} has resource ${resource.id} ready`);
      }
    }
  }
}

/** Where some ask for several things together: what is free is kept for somebody, and places are taken in the one order. */
function checkNoPartyWaitsInVain(engine: Engine): void {
  const { ledger } = engine;
  const pools = [...ledger.pools.values()].filter(({ waiting }) => waiting > 0);
  const free = new Map(pools.map((pool) => [pool, mayLend(ledger, pool) ? pool.warm.size : 0]));
  const lines = [...linesOf(engine)].filter(({ first, needs }) => first !== undefined && needs === undefined);
  const tickets = [...ledger.parties, ...lines.map(({ first }) => first as Ticket)];
  for (const ticket of tickets.sort((a, b) => (goesBefore(a, b) ? -1 : 1))) {
    if (!mayHaveAll(ledger, ticket)) continue;
    const wants = ticket.wants ?? [{ count: 1, pools: ticket.line?.pools ?? [] }];
    if (wants.some(isChoosy)) {
      if (pickChoosy(ledger, wants, ticket.owner) === undefined) continue;
      // What is kept for him is what he lacks beside that: too much to say it here again.
      return;
    }
    const own = (pool: Pool) => (ticket.isParty && mayLend(ledger, pool) ? (ownOf(pool, ticket.order)?.size ?? 0) : 0);
    const gathered = gather(wants, { has: (pool) => (free.get(pool) ?? 0) + own(pool) });
    const isChecked = wants.some(({ pools }) =>
      pools.some(({ policy, vetting }) => policy.check.onAcquire && vetting > 0),
    );
    insist(!gathered.complete || isChecked, () => `ticket ${ticket.id} waits though there is all it asks for`);
    if (ticket.isParty && !isWorthKeeping(ledger, wants, gathered)) continue;
    for (const found of gathered.found) for (const [pool, n] of found) free.set(pool, (free.get(pool) ?? 0) - n);
    if (ticket.isParty && [...poolsOf(wants)].some(({ bound }) => bound.size > 0)) return;
  }
  const contested = new Set(pools.filter((pool) => isContested(ledger, [pool])));
  const { demand, evict } = allot(needsOf(ledger, contested), meansOf(ledger, contested));
  insist(evict.size === 0, () => "a free one takes the place of what an earlier ticket lacks");
  for (const [pool, count] of demand) {
    const { counts, policy, warm, bound, coming } = pool;
    // What is bound to others gives way by and by.
    const makes = count - warm.size - bound.size - coming > 0 && counts.allocating < policy.maxAllocating;
    insist(!makes, () => `somebody waits though pool ${pool.name} could make one`);
  }
}

/** The pools that share lines with people in them, or a cap, over any number of steps: what one makes may be kept for it. */
function connected({ pools }: Line): Set<Pool> {
  const together = new Set(pools);
  for (const one of together) {
    for (const line of one.lines) if (line.size > 0) for (const other of line.pools) together.add(other);
    if (Number.isFinite(one.provider.policy.max)) for (const other of one.provider.pools) together.add(other);
  }
  return together;
}

function couldMake({ ledger }: Engine, pool: Pool, line: Line): boolean {
  if (countOf(pool) >= pool.policy.max || mayMakeAtMs(ledger, pool) > ledger.nowMs) return false;
  if (roomAt(pool.provider) > 0) return true;
  // The idle of others would have to give way, unless a place is about to be free for one of those that could serve it.
  const leaves = line.pools.some(({ provider }) => [...provider.pools].some((other) => leavingOf(other) > 0));
  return (
    !leaves && [...pool.provider.pools].some((other) => other.waiting === 0 && other.warm.size > -roomAt(pool.provider))
  );
}

function leavingOf({ counts, slowDeletes }: Pool): number {
  return counts.deleting - slowDeletes;
}

/** All lines in which somebody may stand, but for those of tickets for several things. */
export function linesOf({ ledger }: Engine): Set<Line> {
  const lines = new Set<Line>();
  for (const pool of ledger.pools.values()) for (const line of pool.allLines()) lines.add(line);
  return lines;
}
