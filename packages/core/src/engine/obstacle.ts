import { formatMs } from "../model/duration.js";
import type { FailureKind } from "../model/failure.js";
import type { ResourceState } from "../model/resource.js";
import type { Ticket } from "./ticket.js";

/** Why a pool does not serve a ticket yet. */
export type Obstacle =
  | { readonly why: "not-started"; readonly inMs: number }
  | { readonly why: "paused" }
  | { readonly why: "draining" }
  | {
      readonly why: "at-cap";
      readonly max: number;
      readonly leased: number;
      readonly deleting: number;
      readonly unknown: number;
      /** Who has most of them, with how many each; only where few enough exist to be looked through. */
      readonly holders?: readonly { readonly owner: string; readonly leases: number }[];
    }
  | { readonly why: "at-provider-cap"; readonly provider: string; readonly max: number }
  | {
      readonly why: "allocating";
      readonly count: number;
      /** How long the first of them has taken so far. */
      readonly forMs: number;
      readonly usuallyMs: number | undefined;
    }
  | { readonly why: "resetting"; readonly count: number }
  | { readonly why: "checking"; readonly count: number }
  | { readonly why: "unhealthy"; readonly count: number }
  /** Free, and bound to the owner or sandbox that used them. */
  | { readonly why: "kept-for-others"; readonly count: number }
  /** Free, and not in the condition that is wanted; and in which they are instead. */
  | {
      readonly why: "in-other-conditions";
      readonly count: number;
      readonly wanted: string;
      readonly are: Readonly<Record<string, number>>;
    }
  /** It is asked for by its name: somebody has it, it is not ready, or nothing here is called so. */
  | {
      readonly why: "not-that-one";
      readonly name: string;
      readonly state: ResourceState | undefined;
      /** Who has it. */
      readonly owner?: string;
    }
  /** Free, and replaced for their age before the time that is wanted. */
  | { readonly why: "too-old"; readonly count: number; readonly minLifeMs: number }
  | {
      readonly why: "failing";
      readonly kind: FailureKind;
      readonly lastError: string;
      readonly retryInMs: number | undefined;
    }
  | { readonly why: "delayed"; readonly forMs: number }
  | {
      readonly why: "breaker-open";
      readonly provider: string;
      readonly forMs: number;
      readonly untilAtMs: number;
      /** Of any of its pools. */
      readonly lastError: string | undefined;
    }
  | { readonly why: "owner-quota"; readonly owner: string; readonly maxLeases: number; readonly leases: number }
  | { readonly why: "kept"; readonly count: number }
  | { readonly why: "first-listing"; readonly provider: string }
  | { readonly why: "store-rolled-back" };

/** An obstacle, for people. */
export function sentence(obstacle: Obstacle, { owner, isParty }: Ticket, all: readonly Obstacle[]): string {
  switch (obstacle.why) {
    case "not-started":
      return `it starts in ${formatMs(obstacle.inMs)}`;
    case "paused":
      return "it is paused";
    case "draining":
      return "it is being drained";
    case "at-cap": {
      const { holders = [] } = obstacle;
      // Who waits knows what he has himself.
      const named = holders.some((one) => one.owner !== owner) ? holders : [];
      const by = named.map((one) => `${one.leases} by ${one.owner}`).join(", ");
      const parts = [by === "" ? `${obstacle.leased} leased` : `${obstacle.leased} leased: ${by}`];
      if (obstacle.deleting > 0) parts.push(`${obstacle.deleting} being deleted`);
      if (obstacle.unknown > 0) parts.push(`${obstacle.unknown} of unknown outcome`);
      return `all ${obstacle.max} places are taken (${parts.join(", ")})`;
    }
    case "at-provider-cap":
      return `provider "${obstacle.provider}" is at its cap of ${obstacle.max}`;
    case "allocating":
      return `${obstacle.count} being made${obstacle.forMs === 0 ? "" : ` for ${formatMs(obstacle.forMs)}`}${obstacle.usuallyMs === undefined ? "" : `, which usually takes ${formatMs(obstacle.usuallyMs)}`}`;
    case "resetting":
      return `${obstacle.count} being reset`;
    case "checking":
      return `${obstacle.count} being checked`;
    case "kept-for-others":
      return `${obstacle.count} kept for those who used them before`;
    case "in-other-conditions":
      return `${obstacle.count} free, not "${obstacle.wanted}" (${listOf(obstacle.are)})`;
    case "not-that-one":
      return whereabouts(obstacle);
    case "too-old":
      return `${obstacle.count} free, too old to last ${formatMs(obstacle.minLifeMs)}`;
    case "unhealthy":
      return `${obstacle.count} failed their last check`;
    case "failing": {
      const retry = obstacle.retryInMs === undefined ? "" : `, next try in ${formatMs(obstacle.retryInMs)}`;
      return `making one failed (${obstacle.kind}: ${obstacle.lastError}${retry})`;
    }
    case "delayed":
      return `the next one is made in ${formatMs(obstacle.forMs)}`;
    case "breaker-open":
      return `the breaker of provider "${obstacle.provider}" is open for another ${formatMs(obstacle.forMs)}${lastError(obstacle, all)}`;
    case "owner-quota":
      return `owner "${obstacle.owner}" has ${obstacle.leases} of at most ${obstacle.maxLeases}`;
    case "kept":
      return isParty
        ? `${obstacle.count} free, which must wait for the rest`
        : `${obstacle.count} free, kept for tickets that go before it`;
    case "first-listing":
      return `provider "${obstacle.provider}" is being listed for the first time`;
    case "store-rolled-back":
      return "the store was rolled back, and a person must decide";
  }
}

/** What another pool of the provider ran into, unless this one tells of its own. */
function lastError({ lastError: message }: Obstacle & { why: "breaker-open" }, all: readonly Obstacle[]): string {
  return message === undefined || all.some(({ why }) => why === "failing") ? "" : ` (${message})`;
}

function listOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
}

function whereabouts({ name, state, owner }: Obstacle & { why: "not-that-one" }): string {
  if (state === undefined) return `nothing is called "${name}"`;
  return `"${name}" is ${state}${owner === undefined ? "" : ` by ${owner}`}`;
}
