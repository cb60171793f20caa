import type { Engine } from "../engine/engine.js";
import type { Rejection } from "../engine/entering.js";
import type { Ledger } from "../engine/ledger.js";
import { poolsFor, sameItem } from "../engine/match.js";
import type { Pool } from "../engine/pool.js";
import type { Ticket, TicketOrder } from "../engine/ticket.js";
import type { ConfigurationMark } from "../model/configuration-mark.js";
import { formatMs } from "../model/duration.js";
import { isWarmpoolError, WarmpoolError } from "../model/error.js";
import { nearest } from "../model/nearest.js";
import type { ResourceState } from "../model/resource.js";
import type { Selector, TicketItem } from "../model/ticket.js";
import { noCondition } from "./condition-options.js";
import type { TicketAction } from "./may.js";
import { type Problem, problem } from "./parse.js";

/** A reason within a sentence: it may be a message of its own, with a full stop. */
export function clause(reason: string): string {
  return reason.replace(/\.$/, "");
}

/** The caller's signal was aborted. */
export function abortError(ticket: number | undefined, signal: AbortSignal | undefined): WarmpoolError<"ABORTED"> {
  return new WarmpoolError("ABORTED", "The wait was aborted by its signal.", {
    details: { ticket },
    cause: signal?.reason,
  });
}

export function poolClosed(pool: string): WarmpoolError<"POOL_CLOSED"> {
  return new WarmpoolError("POOL_CLOSED", `"${pool}" is closed. Make a new pool, or close it later.`, {
    details: { pool },
  });
}

/** This process's configuration is not that of the namespace's leader, and no later one. */
export function configDiffers(
  namespace: string,
  own: ConfigurationMark,
  stored: ConfigurationMark,
): WarmpoolError<"CONFIG_DIFFERS"> {
  const what =
    own.revision === stored.revision
      ? `says something else than the one that it is led by, and both have revision ${own.revision}`
      : `has revision ${own.revision}, and it is led by revision ${stored.revision}`;
  return new WarmpoolError(
    "CONFIG_DIFFERS",
    `This process's configuration of "${namespace}" ${what}. It may not lead. Deploy the same configuration everywhere, with a revision above ${stored.revision} if this is the new one.`,
    { details: { namespace, revision: own.revision, stored: stored.revision } },
  );
}

/** An answer was asked for that cannot wait for the store to be opened. */
export function notReady(call: string): WarmpoolError<"NOT_READY"> {
  return new WarmpoolError("NOT_READY", `${call}() needs the store, which is not open yet. Await ready() first.`, {
    details: { call },
  });
}

export function noSuchPool(pool: string, known: readonly string[]): WarmpoolError<"NO_SUCH_POOL"> {
  const near = nearest(pool, known);
  const hint = near === undefined ? `The pools are: ${known.join(", ") || "none"}.` : `Did you mean "${near}"?`;
  return new WarmpoolError("NO_SUCH_POOL", `There is no pool "${pool}". ${hint}`, { details: { pool, known } });
}

export function noSuchResource(resource: number): WarmpoolError<"NO_SUCH_RESOURCE"> {
  return new WarmpoolError("NO_SUCH_RESOURCE", `There is no resource ${resource}, or it is gone.`, {
    details: { resource },
  });
}

/** A command that makes no sense for a resource as it is. */
export function wrongState(
  resource: number,
  state: ResourceState,
  command: string,
  allowed: readonly ResourceState[],
): WarmpoolError<"WRONG_STATE"> {
  return new WarmpoolError(
    "WRONG_STATE",
    `Resource ${resource} is ${state}: ${command}() is for one that is ${allowed.join(" or ")}. Look at resources() first.`,
    { details: { resource, state, command } },
  );
}

export function noSuchTicket(ticket: number): WarmpoolError<"NO_SUCH_TICKET"> {
  return new WarmpoolError(
    "NO_SUCH_TICKET",
    `There is no ticket ${ticket}, or it was closed too long ago to be remembered.`,
    {
      details: { ticket },
    },
  );
}

export function forbidden(actor: string, action: TicketAction, ticket: number): WarmpoolError<"FORBIDDEN"> {
  const what = { see: "see", take: "take the leases of", end: "end" }[action];
  return new WarmpoolError("FORBIDDEN", `"${actor}" may not ${what} ticket ${ticket}. The manager's access decides.`, {
    details: { actor, action, ticket },
  });
}

export function acquireTimeout(
  ticket: number | undefined,
  waitedMs: number,
  explanation: string,
  cause: unknown,
): WarmpoolError<"ACQUIRE_TIMEOUT"> {
  return new WarmpoolError("ACQUIRE_TIMEOUT", `No resource within ${formatMs(waitedMs)}. ${explanation}`, {
    details: { ticket, waitedMs, explanation },
    cause,
  });
}

/** Why a request did not become a ticket. */
export function rejection(rejected: Rejection, ledger: Ledger): WarmpoolError {
  if (rejected.rejected === "quota") return quotaExceeded(rejected);
  const { item } = rejected;
  const { pool, tags = [], alias, selector } = item;
  const pools = [...ledger.pools.values()];
  const open = pools.filter(({ accepts }) => accepts);
  if (pool !== undefined && !ledger.pools.has(pool)) {
    return noSuchPool(
      pool,
      open.map(({ name }) => name),
    );
  }
  const draining = poolsFor(item, pools)[0];
  if (draining !== undefined) return poolDraining(draining.name);
  if (alias !== undefined && !open.some(({ policy }) => policy.aliases.some(({ name }) => name === alias))) {
    return noSuchAlias(alias, open);
  }
  const able = poolsFor({ ...item, selector: {} }, open);
  if (selector !== undefined && able.length > 0) return unheardOf(selector, able);
  const known = [
    ...new Set(open.flatMap(({ policy }) => [...policy.tags, ...policy.tagsOnDemand].map(({ name }) => name))),
  ];
  const unknown = tags.find((tag) => !known.includes(tag));
  const near = unknown === undefined ? undefined : nearest(unknown, known);
  const hint = near === undefined ? ` The pools have: ${known.join(", ") || "no tags"}.` : ` Did you mean "${near}"?`;
  const text =
    unknown === undefined
      ? `${unmet({ pool, alias, tags })}.${tags.length === 0 ? "" : hint}`
      : `No pool has tag "${unknown}"; asked for ${tags.join(", ")}.${hint}`;
  return new WarmpoolError("NO_MATCHING_POOL", text, { details: { tags, known } });
}

/** Each of these there is, but not together. */
function unmet({
  pool,
  alias,
  tags,
}: {
  pool: string | undefined;
  alias: string | undefined;
  tags: readonly string[];
}) {
  const all = tags.length === 0 ? "" : `all of the tags ${tags.join(", ")}`;
  if (pool === undefined && alias === undefined) return `No pool has ${all}`;
  const who = pool === undefined ? `No pool behind alias "${alias}"` : `Pool "${pool}"`;
  const has = all === "" ? "" : `${pool === undefined ? "has" : "does not have"} ${all}`;
  const behind = pool === undefined || alias === undefined ? "" : `is not behind alias "${alias}"`;
  return `${who} ${[behind, has].filter(Boolean).join(", or ")}`;
}

function noSuchAlias(alias: string, pools: readonly Pool[]): WarmpoolError<"INVALID_OPTIONS"> {
  const known = [...new Set(pools.flatMap(({ policy }) => policy.aliases.map(({ name }) => name)))];
  const near = nearest(alias, known);
  const hint = near === undefined ? `the aliases are: ${known.join(", ") || "none"}` : `did you mean "${near}"?`;
  return problem([{ path: "alias", problem: `there is no alias "${alias}", ${hint}` }]);
}

/** Pools have the right name and tags, and yet none could ever have what is asked for: say what it is. */
function unheardOf(selector: Selector, pools: readonly Pool[]): WarmpoolError<"INVALID_OPTIONS"> {
  const problems: Problem[] = [];
  const where = pools.map(({ name }) => `"${name}"`).join(", ");
  for (const path of ["condition", "set"] as const) {
    const wanted = selector[path];
    if (wanted === undefined) continue;
    const known = [...new Set(pools.flatMap(({ policy }) => policy.conditions?.names ?? []))];
    if (known.includes(wanted)) continue;
    const text = known.length === 0 ? `pool ${where} has no conditions` : noCondition(wanted, known);
    problems.push({ path, problem: text });
  }
  const { name, minLifeMs } = selector;
  if (name !== undefined) {
    const known = pools.flatMap(({ policy }) => policy.names ?? []);
    const near = nearest(name, known);
    const hint = near === undefined ? "" : `, did you mean "${near}"?`;
    if (!pools.some(({ policy }) => policy.nameOf !== undefined))
      problems.push({ path: "name", problem: `pool ${where} names nothing. Give it nameOf` });
    else if (!known.includes(name))
      problems.push({ path: "name", problem: `pool ${where} never has "${name}"${hint}` });
  }
  const longestMs = Math.max(...pools.map(({ policy }) => policy.maxAgeMs));
  if (minLifeMs !== undefined && minLifeMs > longestMs) {
    const text = `is ${formatMs(minLifeMs)}, longer than anything of pool ${where} lives (maxAge ${formatMs(longestMs)})`;
    problems.push({ path: "minLife", problem: text });
  }
  const mixed = [{ path: "options", problem: `no single one of pool ${where} could have all of it` }];
  return problem(problems.length > 0 ? problems : mixed);
}

function quotaExceeded({ owner, quota, limit }: Rejection & { rejected: "quota" }): WarmpoolError<"QUOTA_EXCEEDED"> {
  const text = {
    maxLeases: `may have ${limit} at a time (maxLeases), and asks for more together. Ask for fewer`,
    maxWaiting:
      limit === 0
        ? "may not wait (maxWaiting is 0), and not all of it is free. Ask again later"
        : `has ${limit} ${limit === 1 ? "ticket" : "tickets"} waiting, as many as it may (maxWaiting). Ask again when one of them was served`,
  };
  return new WarmpoolError("QUOTA_EXCEEDED", `Owner "${owner}" ${text[quota]}.`, { details: { owner, quota, limit } });
}

function poolDraining(pool: string): WarmpoolError<"POOL_DRAINING"> {
  return new WarmpoolError(
    "POOL_DRAINING",
    `Pool "${pool}" is being drained and lends nothing new. resume() reopens it, if it is still configured.`,
    { details: { pool } },
  );
}

/** Somebody waited long enough for a ticket, which goes on waiting. */
export function waitTimedOut(
  ticket: Ticket,
  nowMs: number,
  engine: Engine | undefined,
): WarmpoolError<"ACQUIRE_TIMEOUT"> {
  const explanation = engine === undefined ? "The store is still being opened." : engine.explain(ticket).text;
  const cause = engine === undefined ? undefined : lastErrorFor(ticket, engine.ledger);
  return acquireTimeout(ticket.id, Math.max(0, nowMs - ticket.waitsSinceMs), explanation, cause);
}

/**
 * What a ticket that got no lease, or got one and lost it, is told.
 *
 * @param storeProblem Why nothing is committed at present.
 */
export function endOf(
  ticket: Ticket,
  signal: AbortSignal | undefined,
  closing: boolean,
  engine: Engine | undefined,
  storeProblem: unknown,
): WarmpoolError {
  const { id, end = "cancelled" } = ticket;
  switch (end) {
    case "timed-out": {
      const unconfirmed = ticket.explanation === undefined ? storeProblem : undefined;
      const cause = unconfirmed ?? (engine === undefined ? undefined : lastErrorFor(ticket, engine.ledger));
      const why = unconfirmed instanceof Error ? `: ${clause(unconfirmed.message)}` : "";
      const explanation = ticket.explanation ?? `One was found, but the store did not confirm it in time${why}.`;
      const { waitsSinceMs, endedAtMs = waitsSinceMs } = ticket;
      return acquireTimeout(id, Math.max(0, endedAtMs - waitsSinceMs), explanation, cause);
    }
    case "refused": {
      const reason = ticket.reason ?? "no pool can serve it";
      const cause = engine === undefined ? undefined : lastErrorFor(ticket, engine.ledger);
      return new WarmpoolError("REFUSED", `Ticket ${id} was refused: ${clause(reason)}.`, {
        details: { ticket: id, reason },
        cause,
      });
    }
    case "cancelled":
      if (signal?.aborted === true) return abortError(id, signal);
      if (closing) return poolClosed(ticket.order.item.pool ?? "The manager");
      return new WarmpoolError("TICKET_CANCELLED", `Ticket ${id} was cancelled${because(ticket)}.`, {
        details: { ticket: id },
      });
    case "released":
    case "expired":
    case "lost":
      return new WarmpoolError("TICKET_CLOSED", `Ticket ${id} is closed: ${end}${because(ticket)}.`, {
        details: { ticket: id, end },
      });
  }
}

function because({ reason }: Ticket): string {
  return reason === undefined ? "" : ` (${reason})`;
}

/** The newest provider error of the pools that could have served a ticket. */
function lastErrorFor({ order }: Ticket, ledger: Ledger): unknown {
  const items = order.items ?? [order.item];
  const pools = new Set(items.flatMap((item) => ledger.lines.for(item)?.pools ?? []));
  const failures = [...pools].flatMap(({ lastFailure }) => (lastFailure === undefined ? [] : [lastFailure]));
  const newest = failures.sort((a, b) => b.atMs - a.atMs)[0];
  return newest?.failure.error ?? (newest === undefined ? undefined : new Error(newest.failure.message));
}

/** Whether a repeated `requestId` asks for the same as before. */
export function sameRequest({ order: before }: Ticket, order: TicketOrder): boolean {
  return (
    sameItems(before, order) &&
    before.priority === order.priority &&
    before.ttlMs === order.ttlMs &&
    JSON.stringify(before.lifespan) === JSON.stringify(order.lifespan) &&
    before.startAtMs === order.startAtMs &&
    before.group === order.group
  );
}

function sameItems({ item, items }: TicketOrder, other: TicketOrder): boolean {
  if (items === undefined || other.items === undefined) return items === other.items && sameItem(item, other.item);
  const { items: others } = other;
  const isSame = (one: TicketItem, n: number) => {
    const counterpart = others[n];
    return counterpart !== undefined && one.count === counterpart.count && sameItem(one, counterpart);
  };
  return items.length === others.length && items.every(isSame);
}

export function requestConflict({ id, order }: Ticket): WarmpoolError<"REQUEST_CONFLICT"> {
  const { requestId = "" } = order;
  return new WarmpoolError(
    "REQUEST_CONFLICT",
    `requestId "${requestId}" was used before, for ticket ${id}, which asks for something else. Use another one for another request.`,
    { details: { requestId, ticket: id } },
  );
}

/** The lease lasts as long as it ever may. */
export function lifespanExhausted(token: number, pool: string, endsAtMs: number): WarmpoolError<"LIFESPAN_EXHAUSTED"> {
  const endsAt = new Date(endsAtMs);
  return new WarmpoolError(
    "LIFESPAN_EXHAUSTED",
    `Lease ${token} lasts until ${endsAt.toISOString()}, the longest that pool "${pool}" allows (lease.lifespan.maximum). Release it, and acquire another one.`,
    { details: { token, pool, endsAt } },
  );
}

export function storeBusy(waiting: number, limit: number): WarmpoolError<"STORE_BUSY"> {
  return new WarmpoolError(
    "STORE_BUSY",
    `${waiting} calls wait for the store: it is too slow, or away. Try again later.`,
    {
      details: { waiting, limit },
    },
  );
}

export function storeFailed(error: unknown, store: string): WarmpoolError {
  if (isWarmpoolError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new WarmpoolError("STORE_FAILED", `Store ${store} cannot be used: ${message}`, {
    details: { store },
    cause: error,
  });
}
