import { Engine } from "../engine/engine.js";
import type { Resource } from "../engine/resource.js";
import type { Ticket } from "../engine/ticket.js";
import { leadsAs, mayLead } from "../model/configuration-mark.js";
import type { PoolMode } from "../model/pool-mode.js";
import type { StoreSession } from "../store/store.js";
import { Caller } from "./caller.js";
import { Committer } from "./committer.js";
import type { Counter } from "./counter/counter.js";
import { configDiffers } from "./errors.js";
import type { Handle } from "./handle.js";
import { load } from "./load.js";
import { Records } from "./records.js";
import { runEffect } from "./run-effect.js";
import type { Runtime } from "./runtime.js";
import type { SharingParts } from "./sharing.js";
import { WrittenEvents } from "./written-events.js";

/** One life of the engine: from loading its records to discarding it. */
export interface Life {
  readonly engine: Engine;
  readonly session: StoreSession;
  readonly committer: Committer;
  readonly caller: Caller;
  readonly records: Records;
  /** Where sessions are served, where several processes share the store. */
  counter: Counter | undefined;
}

/**
 * Loads what a session has, and begins a life with it. What the engine decides at once is still to be taken.
 *
 * @param modes What pools were told to do in the life before: paused ones stay so.
 */
export async function beginLife(
  runtime: Runtime,
  session: StoreSession,
  modes: ReadonlyMap<string, PoolMode>,
): Promise<Life> {
  const {
    clock,
    ids,
    store,
    namespace,
    logger,
    keepClosedMs,
    paramsOf,
    pools,
    watched,
    sessionTtlMs,
    log,
    keepEvents,
    ageingMs,
    owners,
  } = runtime.options;
  const { resources, tickets, counters: stored, events } = await load(session, store.name);
  const mark = runtime.options.mark();
  const { configuration } = stored;
  if (mark !== undefined && configuration !== undefined && !mayLead(mark, configuration)) {
    throw configDiffers(namespace, mark, configuration);
  }
  const counters = { ...stored, ...(mark !== undefined && { configuration: leadsAs(mark, configuration) }) };
  log.load(keepEvents === undefined ? [] : events, counters.event);
  const { installation, epoch } = session;
  const { durable } = store;
  const self = {
    namespace,
    installation,
    epoch,
    epochId: ids.draw(6),
    session: runtime.session,
    durable,
    leaderTtlMs: store.leaderTtlMs ?? 0,
    keepClosedMs,
    ageingMs,
    owners,
    watched: watched(),
    sessionTtlMs,
  };
  const orders = pools().map((order) => ({ ...order, mode: modes.get(order.policy.name) ?? ("open" as const) }));
  const engine = new Engine(self, counters, orders, { resources, tickets }, clock.now());
  const records = new Records(engine.ledger);
  records.take(resources, tickets);
  const caller = new Caller({
    clock,
    ids,
    logger,
    durable,
    namespace,
    installation,
    epoch,
    paramsOf,
    leads: () => leads(life),
    answered: (call, answer) => runtime.inputOf(life, () => engine.answered(call, answer, clock.now())),
    checkpoint: async (call, data) => {
      runtime.inputOf(life, () => engine.checkpoint(call, data, clock.now()));
      if (!(await committer.committed())) throw new Error("the manager lost its store");
    },
  });
  const committer = new Committer({
    engine,
    session: durable ? session : undefined,
    records,
    loaded: stored,
    written: durable ? new WrittenEvents(keepEvents, events) : undefined,
    clock,
    run: (effect) => runEffect(runtime.options, life, effect),
    repeated: (error, attempt) => runtime.commitRepeated(life, error, attempt),
    failed: (error, attempt) => runtime.reload(life, error, attempt),
  });
  if (!durable) engine.ledger.tellGranted = tellHandle;
  const life: Life = { engine, session, committer, caller, records, counter: undefined };
  const { sharing } = store as { readonly sharing?: SharingParts };
  if (session.post !== undefined) life.counter = sharing?.counter(runtime, life, session.post);
  return life;
}

/** Nothing has to be written down first: whoever waits is told within the input. */
function tellHandle({ handle }: Ticket, resource: Resource): void {
  (handle as Handle | undefined)?.granted(resource);
}

/** Whether nobody else can have taken over: a process that stood still may not have heard of it yet. */
export function leads({ session }: Life): boolean {
  return session.leadership === undefined || session.leadership.leftMs > 0;
}
