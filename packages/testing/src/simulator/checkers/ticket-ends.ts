import type { ResourceRecord, TicketRecord } from "@warmpool/core";
import type { Fault } from "../faults.js";
import type { Fleet } from "../fleet.js";
import type { Holder } from "../holder.js";
import type { Kept } from "../vault.js";

/** What makes a check take too long, which counts against a thing though nothing is wrong with it. */
const SLOW: readonly Fault[] = [
  "past its deadline",
  "answer lost",
  "answer late",
  "request lost",
  "paused",
  "suspended",
];

/**
 * Every accepted ticket ends exactly once, and for a reason: it goes from waiting to granted to closed, or from waiting to
 * closed; a lease expires only when nobody was heard of for its whole `ttl`; it is lost only when something
 * happened to its thing; nobody is told that he gave back what he did not.
 */
export class TicketEnds {
  readonly #fleet: Fleet;
  readonly #holders: ReadonlyMap<string, Holder>;

  constructor(fleet: Fleet, holders: ReadonlyMap<string, Holder>) {
    this.#fleet = fleet;
    this.#holders = holders;
  }

  /** Looks at a change before it becomes true. */
  witness(before: Kept | undefined, after: Kept | undefined): void {
    const kept = after ?? before;
    if (kept?.kind !== "ticket") return;
    const was = before?.parsed as TicketRecord | undefined;
    const is = after?.parsed as TicketRecord | undefined;
    if (is === undefined) {
      // One of `acquire` is forgotten with its end: whoever waited for it has heard.
      if (was?.requestId !== undefined && was.state !== "closed") this.#violated(was, "is dropped while it is open");
      return;
    }
    const step = `${was?.state ?? "nothing"} to ${is.state}`;
    if (was?.state === "closed" && (is.state !== "closed" || is.end !== was.end)) {
      this.#violated(is, `went from closed (${was.end}) to ${is.state} (${is.end})`);
    }
    if (was?.state === "granted" && is.state === "waiting") this.#violated(is, `went from ${step}`);
    if (was?.state === "granted" && is.lease?.token !== was.lease?.token) this.#violated(is, "got another token");
    if (is.state === "closed" && was?.state === "granted") this.#ended(was, is);
    if (is.state === "granted") this.#checkLifespan(is);
  }

  #ended(was: TicketRecord, is: TicketRecord): void {
    const holder = holderOf(this.#holders, is);
    const { nowMs } = this.#fleet.world;
    if (holder === undefined) return;
    switch (is.end) {
      case "expired":
        // Whoever was heard of all the time has no longer a lifespan for it.
        if (was.lease?.lifespanEndsAtMs !== undefined) return;
        if (is.ttlMs === undefined) this.#violated(is, "expired without a ttl");
        else if (holder.ticket === is.id && nowMs - holder.heardAtMs < is.ttlMs) {
          this.#violated(
            is,
            `expired ${nowMs - holder.heardAtMs} ms after its holder was heard of, its ttl is ${is.ttlMs}`,
          );
        }
        return;
      case "released":
        if (!holder.did.has("released")) this.#violated(is, "was released, and its holder did not");
        return;
      case "cancelled":
        if (holder.took && holder.ticket === is.id && !holder.did.has("cancelled"))
          this.#violated(is, "was cancelled, and its holder had taken it");
        return;
      case "lost":
        if (!this.#mayBeLost(was)) this.#violated(is, `was lost (${is.reason}), and nothing happened to its thing`);
        return;
      default:
    }
  }

  /** No lease is given for longer than each of its pools allows, whatever was asked for and however often. */
  #checkLifespan({ id, owner, lease }: TicketRecord): void {
    if (lease === undefined) return;
    const { vault, scenario, world } = this.#fleet;
    for (const resource of lease.resources) {
      const record = vault?.records.get(`resource ${resource}`)?.parsed as ResourceRecord | undefined;
      // What came back already is of no account any more.
      if (record?.ticket !== id) continue;
      const maximum = scenario.pools.find(({ name }) => name === record.pool)?.lifespan?.maximum;
      if (maximum === undefined) continue;
      const lastsMs = (lease.lifespanEndsAtMs ?? Number.POSITIVE_INFINITY) - lease.grantedAtMs;
      if (lastsMs > maximum)
        world.violated("no lease outlives its maximum", `ticket ${id} of ${owner} lasts ${lastsMs} ms of ${maximum}`);
    }
  }

  #mayBeLost({ lease }: TicketRecord): boolean {
    const { vault, clouds, world } = this.#fleet;
    if ((vault?.restored ?? 0) > 0) return true;
    const records = lease?.resources.map(
      (id) => vault?.records.get(`resource ${id}`)?.parsed as ResourceRecord | undefined,
    );
    const isHarmed = (key: string) => clouds.some(({ harmed }) => harmed.has(key));
    // Timeouts of checks count against a thing: slow answers are faults of their own.
    const slow = SLOW.reduce((total, fault) => total + (world.plan.counts.get(fault) ?? 0), 0);
    return slow > 0 || records?.some((record) => record === undefined || isHarmed(record.key)) === true;
  }

  #violated({ id, owner }: TicketRecord, what: string): void {
    this.#fleet.world.violated("nothing lost", `ticket ${id} of ${owner} ${what}`);
  }
}

/** Who asked for a ticket; unknown where several do under one name, and in their manager's process. */
export function holderOf(
  holders: ReadonlyMap<string, Holder>,
  { owner, requestId = owner }: TicketRecord,
): Holder | undefined {
  return holders.get(requestId);
}
