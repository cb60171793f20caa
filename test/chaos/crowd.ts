import type { Random } from "../../packages/testing/src/simulator/random.ts";
import { ALONE, type Command, POOL_NAMES, type PoolName, type Report, type Timing } from "./protocol.ts";
import type { Grant, Kind, Referee } from "./referee.ts";

/** Clients at once: somewhat more than there can be resources, so that some wait. */
const CLIENTS = 14;
/** Durable clients of the past that are asked after now and then: their tickets must stay closed. */
const REMEMBERED = 30;

/** A manager that clients can speak to. */
export interface Manager {
  send(command: Command): void;
}

interface Client {
  readonly name: string;
  readonly kind: Kind;
  readonly pool: PoolName;
  /** Who is asked; nobody while there is none. */
  manager: Manager | undefined;
  phase: "waits" | "holds" | "returns";
  /** When it gives its lease back, or stops waiting. */
  untilMs: number;
  /** A `ttl` client that forgets to renew after a while. */
  readonly fallsSilentAtMs: number;
  renewAtMs: number;
  readonly renewals: Map<number, number>;
}

/** The clients of a run: they live on when a manager dies, and go on with the next one. */
export class Crowd {
  readonly #dice: Random;
  readonly #referee: Referee;
  readonly #now: () => number;
  readonly #leased: (grant: Grant & { client: string }, pool: PoolName) => void;
  readonly #clients = new Map<string, Client>();
  readonly #past: Client[] = [];
  readonly #managers = new Set<Manager>();
  readonly #ttlMs: number;
  #made = 0;
  /** No new ones come, and those that are there finish. */
  isLeaving = false;

  /** @param leased Called when a client has a resource that it did not have before. */
  constructor(
    dice: Random,
    referee: Referee,
    now: () => number,
    leased: (grant: Grant & { client: string }, pool: PoolName) => void,
    { ttlMs }: Timing = ALONE,
  ) {
    this.#ttlMs = ttlMs;
    this.#dice = dice;
    this.#referee = referee;
    this.#now = now;
    this.#leased = leased;
  }

  get size(): number {
    return this.#clients.size;
  }

  get names(): string[] {
    return [...this.#clients.values()].map(({ name, phase }) => `${name} ${phase}`);
  }

  // ── Lives of managers ──────────────────────────────────────────────────────────────────────────────────────────────

  /** There is a manager, or one more: whoever has a ticket and nobody to speak to asks it again. */
  meet(manager: Manager): void {
    this.#managers.add(manager);
    for (const client of this.#clients.values()) if (client.manager === undefined) this.#turnTo(client, manager);
    for (const client of this.#past) if (this.#dice.chance(0.1)) this.#turnTo(client, manager);
  }

  /** It is gone, and with it whoever had no ticket of his own. */
  part(manager: Manager): void {
    this.#managers.delete(manager);
    for (const client of [...this.#clients.values()]) {
      if (client.manager !== manager) continue;
      if (client.kind === "session") {
        this.#clients.delete(client.name);
        continue;
      }
      if (client.phase === "holds") client.renewals.clear();
      client.manager = undefined;
      const other = this.#anyManager();
      if (other !== undefined) this.#turnTo(client, other);
    }
  }

  /** Whom a client speaks to. */
  managerOf(name: string): Manager | undefined {
    return this.#clients.get(name)?.manager;
  }

  #anyManager(): Manager | undefined {
    return this.#managers.size === 0 ? undefined : this.#dice.pick([...this.#managers]);
  }

  #turnTo(client: Client, manager: Manager): void {
    client.manager = manager;
    this.#ask(client);
  }

  // ── What clients do ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Lets everyone do what is due. */
  act(): void {
    if (this.#managers.size === 0) return;
    while (!this.isLeaving && this.#clients.size < CLIENTS) this.#comeIn();
    const nowMs = this.#now();
    for (const client of this.#clients.values()) {
      if (client.phase === "returns" || client.manager === undefined) continue;
      if (nowMs >= client.untilMs) this.#return(client);
      else if (client.phase === "holds" && client.kind === "ttl") this.#renewIfDue(client, nowMs);
    }
  }

  #comeIn(): void {
    const dice = this.#dice;
    const nowMs = this.#now();
    const kind = dice.pick(["durable", "durable", "ttl", "session"] as const);
    const client: Client = {
      name: `${kind}-${++this.#made}`,
      kind,
      pool: dice.pick(POOL_NAMES),
      manager: this.#anyManager(),
      phase: "waits",
      // Some lose patience.
      untilMs: dice.chance(0.1) ? nowMs + dice.between(0, 1_000) : Number.POSITIVE_INFINITY,
      fallsSilentAtMs: dice.chance(0.3) ? nowMs + dice.between(0, 1_500) : Number.POSITIVE_INFINITY,
      renewAtMs: 0,
      renewals: new Map(),
    };
    this.#clients.set(client.name, client);
    this.#ask(client);
  }

  #ask(client: Client): void {
    const { name, kind, pool } = client;
    this.#referee.asks(name, kind, pool);
    if (kind === "session")
      client.manager?.send({ do: "acquire", client: name, pool, timeoutMs: this.#dice.between(50, 4_000) });
    else client.manager?.send({ do: "request", client: name, pool, ...(kind === "ttl" && { ttlMs: this.#ttlMs }) });
  }

  #return(client: Client): void {
    const { name, kind, phase } = client;
    // Who waits for an acquire in another process cannot take it back: it times out.
    if (kind === "session" && phase === "waits") return;
    client.phase = "returns";
    this.#referee.returns(name);
    client.manager?.send({ do: "release", client: name, ...(this.#dice.chance(0.1) && { failed: "it did not work" }) });
  }

  #renewIfDue(client: Client, nowMs: number): void {
    if (nowMs < client.renewAtMs || nowMs >= client.fallsSilentAtMs) return;
    client.renewAtMs = nowMs + this.#ttlMs / 4;
    const nth = client.renewals.size;
    client.renewals.set(nth, nowMs);
    client.manager?.send({ do: "renew", client: client.name, nth });
  }

  // ── What they are told ─────────────────────────────────────────────────────────────────────────────────────────────

  hear(report: Report): void {
    if (!("client" in report)) return;
    const { client: name } = report;
    const client = this.#clients.get(name);
    switch (report.told) {
      case "accepted":
        return this.#referee.accepted(name, report.ticket);
      case "granted":
        return this.#granted(client, report);
      case "renewed":
        return this.#referee.renewed(name, client?.renewals.get(report.nth) ?? 0);
      case "released":
        this.#referee.released(name);
        return this.#leave(client);
      case "lost":
        this.#referee.lost(name, report.reason);
        // The ticket tells how it ended, unless it lives on in its grace; an acquire has none.
        return client?.kind === "session" ? this.#leave(client) : undefined;
      case "closed":
        this.#referee.closed(name, report.end, report.key, report.reason);
        return this.#leave(client);
      case "refused":
        return this.#refused(client, report);
    }
  }

  #granted(client: Client | undefined, report: Report & { told: "granted" }): void {
    const isNew = this.#referee.granted(report.client, report);
    if (client === undefined) return;
    if (isNew) this.#leased(report, client.pool);
    // It was about to return it when the manager died: it does so again.
    if (client.phase === "returns") return this.#return(client);
    const nowMs = this.#now();
    const isLong = !this.isLeaving && this.#dice.chance(0.15);
    if (client.phase === "waits") client.untilMs = nowMs + this.#dice.between(0, isLong ? 3_000 : 500);
    client.phase = "holds";
    client.renewAtMs = nowMs;
  }

  #refused(client: Client | undefined, { client: name, code, reason }: Report & { told: "refused" }): void {
    if (client === undefined) return;
    const timedOut = client.kind === "session" && client.phase === "waits" && code === "ACQUIRE_TIMEOUT";
    // What was lost behind its back can be neither renewed nor released.
    const ended = client.phase !== "waits" && (code === "LEASE_LOST" || code === "LEASE_ENDED");
    // It was returning it, and that was done before it was asked for again: how it ended, the ticket tells.
    const returned = client.phase === "returns" && client.kind !== "session" && code === "TICKET_CLOSED";
    if (returned) return this.#ask(client);
    if (ended) this.#referee.lost(name, reason);
    else if (!timedOut) this.#referee.note("refused", `${name} was refused: ${code} ${reason}`);
    // Of a ticket we want to hear how it ended.
    if (ended && client.kind !== "session") this.#ask(client);
    else this.#leave(client);
  }

  #leave(client: Client | undefined): void {
    if (client === undefined || !this.#clients.delete(client.name)) return;
    if (client.kind === "session") return;
    this.#past.push(client);
    if (this.#past.length > REMEMBERED) this.#past.shift();
  }
}
