import { forgetIfEmpty } from "./configuring.js";
import type { Ledger } from "./ledger.js";
import { makeWhatIsNeeded, needsSome, refuseHopeless } from "./making.js";
import { matchMates, matchPool } from "./matching.js";
import type { Pool } from "./pool.js";

/** Serves who can be served and makes what is missing, until nothing is left to do. */
export function serve(ledger: Ledger): void {
  // What one pool may lend or make for those who want things of several depends on all of them.
  if (ledger.parties.size > 0 && !ledger.isSettled) ledger.touchWaiting();
  for (let first = ledger.takeTouched(); first !== undefined; first = ledger.takeTouched()) {
    if (first.nextTouched === undefined) serveOne(ledger, first);
    else serveAll(ledger, takeApart(first));
  }
}

/** The common case, without a list of those it is about. */
function serveOne(ledger: Ledger, pool: Pool): void {
  match(ledger, pool);
  if (needsSome(ledger, pool)) makeWhatIsNeeded(ledger, [pool]);
  tellWhoIsLeft(ledger, pool);
}

function serveAll(ledger: Ledger, pools: readonly Pool[]): void {
  // What a sandbox used before comes first, in whatever pool.
  for (const pool of pools) matchMates(ledger, pool);
  for (const pool of pools) match(ledger, pool);
  const needy = pools.filter((pool) => needsSome(ledger, pool));
  if (needy.length > 0) makeWhatIsNeeded(ledger, needy);
  for (const pool of pools) tellWhoIsLeft(ledger, pool);
}

function match(ledger: Ledger, pool: Pool): void {
  // Touched until it is done: matching goes on until nothing is left to match, and touches it all the time.
  matchPool(ledger, pool);
  pool.touched = false;
}

function tellWhoIsLeft(ledger: Ledger, pool: Pool): void {
  if (pool.failedForGood) refuseHopeless(ledger, pool);
  if (pool.mode === "leaving") forgetIfEmpty(ledger, pool);
}

/** The pools of a list through themselves. */
function takeApart(first: Pool): readonly Pool[] {
  const pools: Pool[] = [];
  for (let pool: Pool | undefined = first; pool !== undefined; ) {
    const next: Pool | undefined = pool.nextTouched;
    pool.nextTouched = undefined;
    pools.push(pool);
    pool = next;
  }
  return pools;
}
