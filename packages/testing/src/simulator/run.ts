import process from "node:process";
import { disagreement } from "./checkers/agreement.js";
import { checkCaps } from "./checkers/caps.js";
import { checkClean } from "./checkers/clean.js";
import { checkForeign } from "./checkers/foreign.js";
import { checkLeader } from "./checkers/leader.js";
import { checkLeasedDelete } from "./checkers/leased-deletes.js";
import { checkNumbers } from "./checkers/numbers.js";
import { OncePerKey } from "./checkers/once.js";
import { checkQuota, checkQuotas } from "./checkers/quotas.js";
import { SameState } from "./checkers/same-state.js";
import { checkSandbox } from "./checkers/sandbox.js";
import { checkSessions } from "./checkers/sessions.js";
import { checkSightings } from "./checkers/sightings.js";
import { holderOf, TicketEnds } from "./checkers/ticket-ends.js";
import { checkWholeGrant, checkWholeUntaken } from "./checkers/whole-sets.js";
import { checkWriteFirst } from "./checkers/write-first.js";
import { FaultPlan } from "./fault-plan.js";
import type { Fault } from "./faults.js";
import { Fleet } from "./fleet.js";
import { History } from "./history.js";
import { Holder } from "./holder.js";
import { Janitor } from "./janitor.js";
import { Mishaps } from "./mishaps.js";
import { Random } from "./random.js";
import { Runs } from "./runs.js";
import { drawScenario, KINDS, type Scenario } from "./scenario.js";
import { turns } from "./turns.js";
import { type Violation, World } from "./world.js";

/** Which run, and how to look at it. */
export interface RunOptions {
  readonly seed: number;
  /** Kinds of stores to draw from. Default: all. */
  readonly stores?: readonly Scenario["store"][];
  /** Only these faults strike, by number. Default: all. */
  readonly only?: ReadonlySet<number>;
  /** Only so many holders come. Default: all. */
  readonly holders?: number;
  /** Write down what happens. Default: `false`. */
  readonly traced?: boolean;
}

/** What came of a run. */
export interface RunResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly faults: ReadonlyMap<Fault, number>;
  readonly total: number;
  /** Numbers given to faults: what `only` chooses from. */
  readonly decisions: number;
  readonly steps: number;
  readonly managers: number;
  readonly holders: number;
  readonly leases: number;
  readonly simulatedMs: number;
  readonly fingerprint: number;
  readonly scenario: Scenario;
  readonly trace: readonly string[];
}

/** Steps between two looks at what takes looking at everything. */
const LOOK_EVERY = 64;

/** A run that takes so many steps is going round in circles. */
const MOST_STEPS = 60_000;

/** After the faults have stopped, everything must be well within so long, and a holder's time for each who waits. Milliseconds. */
const WELL_WITHIN_MS = 600_000;
const WELL_WITHIN_EACH_MS = 30_000;

/** How long a manager may take to say why somebody waits. Milliseconds. */
const EXPLAINS_WITHIN_MS = 5_000;

/** One run: the whole system, from one seed. */
export async function simulate(options: RunOptions): Promise<RunResult> {
  const { seed, stores = KINDS, only, traced = false } = options;
  const random = new Random(seed);
  const scenario = drawScenario(random, stores);
  const plans = random.fork();
  const world = new World(random, (now) => new FaultPlan(plans, now, scenario.intensity, only), traced);
  const history = new History(world);
  const once = new OncePerKey(world);
  const fleet: Fleet = new Fleet(world, scenario, {
    allocating(process, cloud, request) {
      const { key, pool, tags } = request;
      checkLeader(fleet, process, tags.epoch, "allocate");
      checkWriteFirst(fleet, "allocate", key);
      once.check(key);
      checkNumbers(fleet, request);
      queueCaps = () => checkCaps(fleet, cloud, pool);
    },
    deleting(process, cloud, { key }, { epoch }) {
      checkLeader(fleet, process, epoch, "delete");
      checkWriteFirst(fleet, "delete", key);
      checkForeign(fleet, cloud, key);
      checkSightings(fleet, process, key, epoch);
      checkLeasedDelete(fleet, history, process, key);
    },
    resetting(process, _cloud, { key }, { epoch }) {
      checkLeader(fleet, process, epoch, "reset");
      checkWriteFirst(fleet, "reset", key);
    },
  });
  /** Caps are counted once the call is under way. */
  let queueCaps: (() => void) | undefined;
  fleet.onForgotten = () => history.forgetAll();
  history.onBegan = (hold) => {
    checkClean(fleet, hold);
    checkSandbox(fleet, hold);
    checkQuota(fleet, history, hold);
  };
  const crowd = scenario.holders.slice(0, options.holders);
  const holders = new Map<string, Holder>();
  for (const plan of crowd) holders.set(plan.name, new Holder(plan, fleet, history));
  new Runs(fleet, holders.values());
  const janitor = new Janitor(fleet, history);
  const ends = new TicketEnds(fleet, holders);
  fleet.vault?.witnesses.push((before, after) => ends.witness(before, after));
  fleet.vault?.witnesses.push((before, after) => checkWholeGrant(fleet, before, after));
  const sameState = new SameState(fleet);
  if (scenario.store === "shared") fleet.vault?.witnesses.push((before, after) => checkSessions(fleet, before, after));
  for (let slot = 0; slot < scenario.managers; slot++) fleet.start(slot);
  const mishaps = new Mishaps(fleet, {
    restored() {
      history.forgetAll();
      for (const holder of holders.values()) holder.forgotten();
      janitor.forgotten();
    },
    isStopped: (ticket) => holderOf(holders, ticket)?.stopped === true,
  });
  mishaps.begin();

  const { timeline } = world;
  const afterStep = () => {
    queueCaps?.();
    queueCaps = undefined;
    world.mix(timeline.nowMs);
    sameState.check();
    if (timeline.steps % LOOK_EVERY === 0) {
      checkQuotas(fleet);
      checkWholeUntaken(fleet);
    }
    if (timeline.steps > MOST_STEPS) world.violated("progress", "it goes round in circles");
    return world.violations.length === 0;
  };
  const surprised = (error: unknown) =>
    world.violated("no surprises", error instanceof Error ? (error.stack ?? error.message) : String(error));
  const goOn = (untilMs: number) =>
    turns(() => {
      if (!afterStep()) return false;
      return timeline.nextAtMs <= untilMs && timeline.step();
    }).catch(surprised);
  process.on("unhandledRejection", surprised);

  await goOn(scenario.chaosMs);
  world.plan.active = false;
  world.note(() => "the faults stop");
  mishaps.end();
  let problem: string | undefined;
  const waiting = [...holders.values()].filter(({ done }) => !done).length;
  const boundMs = timeline.nowMs + WELL_WITHIN_MS + waiting * WELL_WITHIN_EACH_MS;
  for (let untilMs = timeline.nowMs; world.violations.length === 0; ) {
    problem = await unsettled(fleet, holders);
    if (problem === undefined || untilMs > boundMs) break;
    untilMs += 1_000;
    await goOn(untilMs);
    timeline.nowMs = Math.max(timeline.nowMs, untilMs);
  }
  if (problem !== undefined && world.violations.length === 0) {
    const reasons: string[] = [];
    explain(fleet, holders, (text) => reasons.push(text));
    await goOn(timeline.nowMs + EXPLAINS_WITHIN_MS);
    world.violated("in the end", [problem, ...reasons].join(". "));
  }
  if (world.violations.length === 0) sameState.checkAll();
  for (const member of fleet.up) member.process.crash();
  process.off("unhandledRejection", surprised);
  const { plan, violations } = world;
  return {
    seed,
    violations,
    faults: plan.counts,
    total: plan.total,
    decisions: plan.decisions,
    steps: timeline.steps,
    managers: fleet.starts,
    holders: crowd.length,
    leases: history.granted,
    simulatedMs: timeline.nowMs,
    fingerprint: world.fingerprint,
    scenario,
    trace: world.trace ?? [],
  };
}

/** What is not well yet. */
async function unsettled(fleet: Fleet, holders: ReadonlyMap<string, Holder>): Promise<string | undefined> {
  if (fleet.up.length < fleet.members.length) return "a process is down";
  for (const { plan, done } of holders.values())
    if (!done) return `${plan.name} (${plan.kind}) is neither served nor told why not`;
  return await disagreement(fleet);
}

/** What the managers say of whoever waits: as soon as they do. */
function explain({ up }: Fleet, holders: ReadonlyMap<string, Holder>, tell: (text: string) => void): void {
  for (const { done, ticket } of holders.values())
    if (!done && ticket !== undefined)
      up[0]?.manager.explain(ticket).then(
        ({ text }) => tell(text),
        (error: unknown) => tell(String(error)),
      );
}
