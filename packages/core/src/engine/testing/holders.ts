import { bindingOf } from "../binding.js";
import { leasesOf } from "../lease-time.js";
import type { OwnerPolicy } from "../owners.js";
import type { Resource } from "../resource.js";
import type { Ticket, TicketOrder } from "../ticket.js";
import type { Harness } from "./harness.js";
import type { World } from "./world.js";

/** Who has what, as far as he was told; and that nobody has what he must not have. */
export class Holders {
  readonly #harness: Harness;
  readonly #world: World;
  /** What each who asks may have; empty: it makes no difference who asks. */
  readonly #owners: Readonly<Record<string, OwnerPolicy>>;
  /** Keys that a person declared gone. */
  readonly #forgotten: ReadonlySet<string>;
  /** Tickets by key: from the grant's leaving to the release or the end that the holder is told. */
  readonly #holding = new Map<string, number>();
  /** Tickets and keys whose holders were told in this life that they have them no more. */
  readonly #told = new Set<string>();
  /** Keys that must not be lent as they are: their holders may still be at work. */
  readonly #used = new Set<string>();
  /** Who used a key last, where that binds it. */
  readonly #boundTo = new Map<string, string>();

  constructor(
    { harness, world }: { readonly harness: Harness; readonly world: World },
    owners: Readonly<Record<string, OwnerPolicy>>,
    forgotten: ReadonlySet<string>,
  ) {
    this.#harness = harness;
    this.#world = world;
    this.#owners = owners;
    this.#forgotten = forgotten;
  }

  have(ticket: Ticket): boolean {
    return this.#holding.get((ticket.resource as Resource).key) === ticket.id;
  }

  gaveBack(ticket: Ticket): void {
    this.#holding.delete((ticket.resource as Resource).key);
  }

  /** Everybody gives back what he has. */
  giveBackAll(give: (ticket: Ticket) => void): void {
    for (const [key, id] of [...this.#holding]) {
      const ticket = this.#harness.ledger.keys.get(key)?.ticket;
      this.#holding.delete(key);
      if (ticket?.id === id) give(ticket);
    }
  }

  /** Somebody has it from now on. */
  hasNow(ticket: Ticket): void {
    for (const one of leasesOf(ticket)) this.#hasOne(one);
  }

  #hasOne(ticket: Ticket): void {
    this.#checkQuota(ticket.owner);
    const { key } = ticket.resource as Resource;
    const holder = this.#holding.get(key);
    if (holder !== undefined) throw new Error(`${key} is lent to ticket ${ticket.id} while ticket ${holder} has it`);
    // Who asks for it as it is, is to clean it.
    const asksForIt = ticket.order.item.selector?.condition !== undefined;
    const isClean = asksForIt || !this.#used.has(key) || this.#world.clean.has(key) || this.#forgotten.has(key);
    if (!isClean) throw new Error(`${key} is lent as its last holder left it`);
    this.#checkBinding(ticket.order, ticket.resource as Resource);
    this.#world.clean.delete(key);
    this.#used.delete(key);
    this.#holding.set(key, ticket.id);
  }

  /** What is bound to one owner or sandbox never reaches another, unless it was reset for that. */
  #checkBinding({ owner, item }: TicketOrder, { key, pool }: Resource): void {
    const { reuse } = pool.policy;
    const now = bindingOf(reuse, { owner, item });
    const before = this.#boundTo.get(key);
    const isReset = reuse?.leave === "reset" && this.#world.clean.has(key);
    const kind = `${reuse?.within}:`;
    if (before?.startsWith(kind) && before !== now && !isReset) throw new Error(`${key} went from ${before} to ${now}`);
    if (now === undefined) this.#boundTo.delete(key);
    else this.#boundTo.set(key, now);
  }

  /** Whoever has as many as he may is lent no more, over restarts too. */
  #checkQuota(owner: string): void {
    const most = this.#owners[owner]?.maxLeases ?? Number.POSITIVE_INFINITY;
    const has = this.#harness.resources("leased").filter(({ ticket }) => ticket?.owner === owner).length;
    if (has > most) throw new Error(`${owner} has ${has} of at most ${most}`);
  }

  /** Whoever had it is told that he has it no more. */
  closed(ticket: Ticket): void {
    for (const [key, id] of this.#holding) {
      if (id !== ticket.id || !this.#isLostTo(ticket, key)) continue;
      this.#holding.delete(key);
      this.#told.add(`${id} ${key}`);
      this.#used.add(key);
      this.#world.clean.delete(key);
    }
  }

  /** Of several leases of one ticket, the others go on. */
  #isLostTo(ticket: Ticket, key: string): boolean {
    const holder = this.#harness.ledger.keys.get(key)?.ticket;
    return holder === undefined || holder === ticket || holder.party !== ticket.party || holder.party === undefined;
  }

  /** The process dies, and another one loads its records: whoever had something by these has it. */
  restart(run: () => void, lives: boolean): void {
    const told = new Set(this.#told);
    this.#told.clear();
    this.#holding.clear();
    const { mirror, self } = this.#harness;
    for (const { state, id, session, lease } of mirror.tickets.values()) {
      // Whoever asked in a process that died is gone with it, and his lease runs on without him. Others ask for their
      // lease again, and may not have heard of it before.
      const isGone = session !== undefined && !(lives && session === self.session);
      if (state !== "granted" || lease?.untaken || isGone) continue;
      for (const number of lease?.resources ?? []) {
        const resource = mirror.resources.get(number);
        // Of several, some may have come back already.
        if (resource?.ticket === id) this.#holding.set(resource.key, id);
      }
    }
    run();
    // Who was told that his lease is lost, before that was written down, holds it no more, whatever the records say.
    for (const [key, id] of [...this.#holding]) {
      if (!told.has(`${id} ${key}`)) continue;
      this.#holding.delete(key);
      const ticket = this.#harness.ledger.keys.get(key)?.ticket;
      if (ticket !== undefined) this.#harness.release(ticket, { failed: "its holder was told that it is lost" });
    }
  }
}
