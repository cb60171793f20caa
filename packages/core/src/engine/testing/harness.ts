import { type CountersRecord, FIRST_COUNTERS } from "../../model/counters.js";
import type { AnyEvent, EventType } from "../../model/event.js";
import type { FailureKind } from "../../model/failure.js";
import type { ResourceRecord, ResourceState } from "../../model/resource.js";
import type { Selector, TicketItem, TicketRecord, Verdict } from "../../model/ticket.js";
import type { Answer, Call, ListCall, ListedThing, Outcome, ResourceCall, ResourceCallKind } from "../call.js";
import type { ConfigureResult } from "../configuring.js";
import { type Effect, mayPrecedeCommit } from "../effect.js";
import { Engine } from "../engine.js";
import type { Rejection } from "../entering.js";
import type { Ledger, Self } from "../ledger.js";
import type { Pool } from "../pool.js";
import type { Provider } from "../provider.js";
import type { Resource } from "../resource.js";
import { Ticket, type TicketOrder } from "../ticket.js";
import { isThere, successOf } from "./answers.js";
import { checkInvariants } from "./invariants.js";
import { Configurations, type PoolSketch, type ProviderSketch, self } from "./policies.js";
import { sameRecord } from "./same-record.js";

export interface HarnessOptions {
  /** Default: one pool, `"web"`. */
  readonly pools?: Record<string, PoolSketch>;
  readonly providers?: Record<string, ProviderSketch>;
  readonly self?: Partial<Self>;
  /** Each input is committed at once. Default: true. */
  readonly commits?: boolean;
}

export interface TicketSketch extends Partial<Omit<TicketOrder, "item">> {
  /** From now. Default: it waits for ever. */
  readonly timeoutMs?: number;
  readonly tags?: readonly string[];
  readonly selector?: Selector;
}

/** What a store would have. */
export interface Mirror {
  readonly resources: Map<number, ResourceRecord>;
  readonly tickets: Map<number, TicketRecord>;
  counters: CountersRecord;
}

/** An engine with a fake clock, a fake store and a provider that answers when told, and a watch over all that must hold. */
export class Harness {
  nowMs = 1_000_000;
  engine: Engine;
  /** Calls that have not come to their end, in the order of their start. */
  running: Call[] = [];
  /** Effects that left, but for calls and events. */
  effects: Effect[] = [];
  events: AnyEvent[] = [];
  mirror: Mirror = { resources: new Map(), tickets: new Map(), counters: FIRST_COUNTERS };
  pools: Record<string, PoolSketch>;
  providers: Record<string, ProviderSketch>;
  self: Self;
  readonly configurations = new Configurations();
  readonly #started = new Map<Call, number>();
  readonly #commits: boolean;
  #uncommitted: Effect[] = [];
  #lastToken = 0;
  #commitsDone = 0;
  /** Called with each effect that leaves. */
  ran: (effect: Effect) => void = () => {};

  constructor(options: HarnessOptions = {}) {
    this.pools = options.pools ?? { web: {} };
    this.providers = options.providers ?? {};
    this.self = { ...self, ...options.self };
    this.#commits = options.commits ?? true;
    this.engine = this.#create();
  }

  #create(): Engine {
    const { resources, tickets, counters } = JSON.parse(
      JSON.stringify({
        resources: [...this.mirror.resources.values()],
        tickets: [...this.mirror.tickets.values()],
        counters: this.mirror.counters,
      }),
    );
    const orders = this.configurations.orders(this.pools, this.providers);
    this.engine = new Engine(this.self, counters, orders, { resources, tickets }, this.nowMs);
    this.#after();
    return this.engine;
  }

  // ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────────────

  get ledger(): Ledger {
    return this.engine.ledger;
  }

  pool(name = "web"): Pool {
    return found(this.ledger.pools.get(name), `pool ${name}`);
  }

  provider(name = "cloud"): Provider {
    return found(
      [...this.ledger.providers.values()].find((provider) => provider.name === name),
      `provider ${name}`,
    );
  }

  resources(state?: ResourceState): Resource[] {
    return [...this.ledger.resources.values()].filter((resource) => state === undefined || resource.state === state);
  }

  /** The only resource, or the only one in that state. */
  resource(state?: ResourceState): Resource {
    return only(this.resources(state), `resource ${state ?? ""}`);
  }

  calls(kind?: Call["kind"], pool?: string): Call[] {
    return this.running.filter(
      (call) =>
        (kind === undefined || call.kind === kind) && (pool === undefined || (call as ResourceCall).pool.name === pool),
    );
  }

  /** The only call of that kind under way. */
  call(kind: ResourceCallKind, pool?: string): ResourceCall {
    return only(this.calls(kind, pool), `${kind} call`) as ResourceCall;
  }

  list(): ListCall {
    this.#tickIfDue();
    return only(this.calls("list"), "list call") as ListCall;
  }

  happened<Type extends EventType>(type: Type): Extract<AnyEvent, { type: Type }>["data"][] {
    return this.events.filter((event) => event.type === type).map(({ data }) => data) as never;
  }

  /** The tickets that effects of a type were about. */
  told(type: "granted" | "closed" | "overdue"): Ticket[] {
    return this.effects.flatMap((effect) => (effect.type === type ? [effect.ticket] : []));
  }

  // ── Inputs ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  input<Result>(apply: (engine: Engine, nowMs: number) => Result): Result {
    const result = apply(this.engine, this.nowMs);
    this.#after();
    return result;
  }

  tryRequest(
    pool: string | undefined,
    { timeoutMs, tags, selector, items, ...order }: TicketSketch = {},
  ): Ticket | Rejection {
    const item: TicketItem = {
      count: 1,
      ...(pool !== undefined && { pool }),
      ...(tags !== undefined && { tags }),
      ...(selector !== undefined && { selector }),
    };
    const defaults: TicketOrder = {
      owner: "somebody",
      session: this.self.session,
      requestId: undefined,
      // Of a list, the first stands for it.
      item: items?.[0] ?? item,
      items,
      priority: 0,
      waitMs: timeoutMs ?? Number.POSITIVE_INFINITY,
      ttlMs: undefined,
      renewal: "session",
      lifespan: undefined,
      startAtMs: undefined,
      group: undefined,
    };
    return this.input((engine, nowMs) => engine.request({ ...defaults, ...order }, nowMs));
  }

  request(pool: string | undefined = "web", sketch: TicketSketch = {}): Ticket {
    const ticket = this.tryRequest(sketch.tags === undefined ? pool : undefined, sketch);
    if (!(ticket instanceof Ticket)) throw new Error(`rejected: ${ticket.rejected}`);
    return ticket;
  }

  /** A ticket for several things together: `{ web: 2, vm: 1 }`, or items. */
  party(wants: Record<string, number> | readonly TicketItem[], sketch: TicketSketch = {}): Ticket {
    const items = Array.isArray(wants) ? wants : Object.entries(wants).map(([pool, count]) => ({ pool, count }));
    return this.request(undefined, { ...sketch, items });
  }

  /** A ticket of `request`: it belongs to no session. */
  durable(pool = "web", sketch: TicketSketch = {}): Ticket {
    return this.request(pool, { session: undefined, renewal: "manual", ...sketch });
  }

  release(ticket: Ticket, verdict: Verdict = "ok"): void {
    this.input((engine, nowMs) => engine.release(ticket, verdict, nowMs));
  }

  configure(pools: Record<string, PoolSketch>, providers = this.providers): ConfigureResult {
    this.pools = pools;
    this.providers = providers;
    const orders = this.configurations.orders(pools, providers);
    return this.input((engine, nowMs) => engine.configure(orders, nowMs));
  }

  // ── Answers ────────────────────────────────────────────────────────────────────────────────────────────────────────

  answer(call: Call, what: { outcome: Outcome } | { failure: Answer & { ok: false } }, startedAtMs?: number): void {
    const started = startedAtMs ?? this.#started.get(call) ?? this.nowMs;
    const base = { startedAtMs: started, jitter: 0 };
    const answer: Answer =
      "outcome" in what ? { ...base, ok: true, outcome: what.outcome } : { ...what.failure, ...base };
    if (answer.ok || !answer.running) this.running = this.running.filter((other) => other !== call);
    this.input((engine, nowMs) => engine.answered(call, answer, nowMs));
  }

  succeed(call: ResourceCall, data?: unknown): void {
    this.answer(call, { outcome: successOf(call, data) });
  }

  fail(call: Call, kind: FailureKind = "unknown", extra: { made?: "nothing"; retryAfterMs?: number } = {}): void {
    const failure = { kind, message: `${call.kind} failed: ${kind}`, ...extra };
    this.answer(call, { failure: { ok: false, failure, running: false, startedAtMs: 0, jitter: 0 } });
  }

  /** The call runs past its deadline; it goes on running. */
  expire(call: Call): void {
    const failure = { kind: "unknown", message: `${call.kind} took too long`, timedOut: true } as const;
    this.answer(call, { failure: { ok: false, failure, running: true, startedAtMs: 0, jitter: 0 } });
  }

  listed(things: readonly (string | ListedThing)[], call = this.list()): void {
    const listed = things.map((thing) => (typeof thing === "string" ? { key: thing } : thing));
    this.answer(call, { outcome: { kind: "list", things: listed } });
  }

  /** Answers each call with success until none is left; listings have what is recorded. */
  succeedAll(kind?: Call["kind"]): void {
    for (let rounds = 0; ; rounds++) {
      if (rounds > 1_000) throw new Error("a call follows each answer, without end");
      this.#tickIfDue();
      const call = this.calls(kind)[0];
      if (call === undefined) return;
      if (call.kind === "list")
        this.listed(
          this.resources()
            .filter(isThere)
            .map(({ key }) => key),
          call,
        );
      else this.succeed(call);
    }
  }

  // ── Time ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Lets time pass, and wakes the engine up whenever it asks for it. */
  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    let ticksAtOnce = 0;
    for (;;) {
      const { wakeAtMs } = this.engine;
      if (wakeAtMs > untilMs) break;
      ticksAtOnce = wakeAtMs > this.nowMs ? 0 : ticksAtOnce + 1;
      if (ticksAtOnce > 20) throw new Error("the engine asks again and again to be woken up now");
      this.nowMs = Math.max(this.nowMs, wakeAtMs);
      this.tick();
    }
    this.nowMs = untilMs;
  }

  #tickIfDue(): void {
    if (this.engine.wakeAtMs <= this.nowMs) this.tick();
  }

  tick(): void {
    this.input((engine, nowMs) => engine.tick(nowMs));
  }

  // ── The store ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Writes down what changed, then lets the effects leave. */
  commit(): void {
    const { resources, tickets } = this.engine.takeChanges();
    const { mirror } = this;
    for (const one of resources)
      one.gone ? mirror.resources.delete(one.id) : mirror.resources.set(one.id, one.toRecord());
    for (const one of tickets) one.gone ? mirror.tickets.delete(one.id) : mirror.tickets.set(one.id, one.toRecord());
    mirror.counters = { ...this.ledger.counters };
    // What is missing in the mirror stays so until it changes again: a long walk needs no look at each step.
    if (this.#commits || this.#commitsDone++ % 10 === 0) this.#checkMirror();
    const effects = this.#uncommitted;
    this.#uncommitted = [];
    for (const effect of effects) this.#run(effect);
  }

  /** The process dies, and another takes up what was committed. */
  restart(changes: Partial<Self> = {}): void {
    const epoch = this.self.epoch + 1;
    this.self = { ...this.self, epoch, epochId: `epoch${epoch}`.slice(-6), session: `session-${epoch}`, ...changes };
    this.running = [];
    this.#uncommitted = [];
    this.effects = [];
    this.events = [];
    // What was not committed was told to nobody.
    this.#lastToken = this.mirror.counters.token - 1;
    this.#create();
  }

  #after(): void {
    const effects = this.engine.takeEffects();
    const calls = effects.flatMap((effect) => (effect.type === "call" ? [effect.call] : []));
    for (const effect of effects) this.#checkToken(effect);
    checkInvariants(this.engine, calls);
    const { durable } = this.self;
    for (const effect of effects) {
      if (durable && !mayPrecedeCommit(effect)) this.#uncommitted.push(effect);
      else this.#run(effect);
    }
    if (durable && this.#commits) this.commit();
  }

  #checkToken(effect: Effect): void {
    if (effect.type !== "granted") return;
    const { token } = effect.ticket;
    if (token <= this.#lastToken) throw new Error(`token ${token} was given after token ${this.#lastToken}`);
    this.#lastToken = token;
  }

  #run(effect: Effect): void {
    if (effect.type === "call") this.#start(effect.call);
    else if (effect.type === "event") this.events.push(effect.event);
    else this.effects.push(effect);
    this.ran(effect);
  }

  #start(call: Call): void {
    if (call.kind !== "list") {
      for (const other of this.running) {
        if (other.kind === "list" || other.resource.key !== call.resource.key) continue;
        const abandoned = other.abandonAtMs !== undefined && other.abandonAtMs <= this.nowMs;
        if (!abandoned) throw new Error(`${call.kind} was called while ${other.kind} ran for ${call.resource.key}`);
      }
    }
    this.running.push(call);
    this.#started.set(call, this.nowMs);
  }

  /** What a store has is what the engine has: nothing was changed without being handed out. */
  #checkMirror(): void {
    const { resources, tickets } = this.ledger;
    if (resources.size !== this.mirror.resources.size) throw new Error("the store has other resources than the engine");
    if (tickets.size !== this.mirror.tickets.size) throw new Error("the store has other tickets than the engine");
    for (const one of [...resources.values(), ...tickets.values()]) {
      const stored = (one.kind === "resource" ? this.mirror.resources : this.mirror.tickets).get(one.id);
      const record = one.toRecord();
      if (stored === undefined || !sameRecord(stored, record)) {
        throw new Error(`the store has ${JSON.stringify(stored)} for ${JSON.stringify(record)}`);
      }
    }
  }
}

function found<Thing>(thing: Thing | undefined, name: string): Thing {
  if (thing === undefined) throw new Error(`there is no ${name}`);
  return thing;
}

function only<Thing>(things: readonly Thing[], name: string): Thing {
  if (things.length !== 1) throw new Error(`there is not one ${name}, but ${things.length}`);
  return things[0] as Thing;
}
