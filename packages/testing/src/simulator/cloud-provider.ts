import {
  type AllocateRequest,
  type CallContext,
  type FailureKind,
  type Found,
  type Health,
  type Listed,
  type Made,
  type Provider,
  ProviderError,
  type ResourceRef,
} from "@warmpool/core";
import { type CallKind, drawFate, type Fate } from "./call-fate.js";
import { numbersOf } from "./checkers/numbers.js";
import { type Cloud, STALE_MS, type ThingData } from "./cloud.js";
import type { Fault } from "./faults.js";
import type { Process } from "./process.js";
import type { Random } from "./random.js";
import type { ProviderPlan, Scenario } from "./scenario.js";

/** What a pool says about the things it wants. */
export interface ThingParams {
  readonly revision: number;
}

/** Who looks at every call before it leaves. */
export interface CallWitness {
  allocating(process: Process, cloud: Cloud, request: AllocateRequest<ThingParams>, context: CallContext): void;
  deleting(process: Process, cloud: Cloud, ref: ResourceRef, context: CallContext): void;
  resetting(process: Process, cloud: Cloud, ref: ResourceRef, context: CallContext): void;
}

/** How long work takes when nothing is wrong. Milliseconds, at most. */
const WORK_MS: Record<CallKind, number> = { allocate: 1_500, delete: 600, check: 80, find: 80, list: 200, reset: 600 };

/** A process's connection to a cloud: each call is two messages, and everything can happen to both. */
export function cloudProvider(
  process: Process,
  cloud: Cloud,
  plan: ProviderPlan,
  scenario: Scenario,
  witness: CallWitness,
): Provider<ThingData, ThingParams> {
  const { world } = process;
  const { random, timeline } = world;
  const { callTimeoutMs } = scenario;

  // Where nobody can look, a delete has to be taken at its word: a provider whose word is no good needs `find` or `list`.
  const isBelieved = !plan.can.find && !plan.can.list;
  const workMs = (kind: CallKind) => 1 + random.below(WORK_MS[kind]);
  const delayOf = (way: Fault | undefined, kind: CallKind) => {
    if (way === "answer late") return random.between(100, callTimeoutMs);
    if (way === "past its deadline") return callTimeoutMs + random.often(1, 3_000, 12_000);
    return kind === "allocate" ? 0 : workMs(kind);
  };

  /** Sends a request and settles with its answer, unless that is lost. A well-behaved client gives up when it is told to. */
  const call = <T>(
    kind: CallKind,
    key: string,
    { signal }: CallContext,
    carryOut: (reply: Reply<T>, fate: Fate) => void,
    notCarriedOut = () => {},
  ) =>
    new Promise<T>((resolve, reject) => {
      if (!process.alive) return;
      const fate = drawFate(world.plan, kind, key, isBelieved);
      const { way, deed } = fate;
      const backMs = delayOf(way, kind);
      world.note(() => `${process.name} calls ${kind} ${key}`);
      const silent = way === "answer lost" || way === "request lost";
      const reply: Reply<T> = {
        ok: (value) => {
          if (!silent) process.answer(() => resolve(value), backMs);
        },
        fail: (error) => {
          if (!silent) process.answer(() => reject(error), backMs);
        },
      };
      process.send(`${kind} ${key}`, () => {
        const refused = refusal(deed, kind, random);
        if (refused !== undefined || way === "request lost") {
          notCarriedOut();
          return reply.fail(refused);
        }
        carryOut(reply, fate);
      });
      // Some clients don't listen.
      const listens = (way ?? deed) === undefined || random.chance(0.7);
      if (listens) signal.addEventListener("abort", () => process.answer(() => reject(signal.reason)), { once: true });
    });

  const allocate = (request: AllocateRequest<ThingParams>, context: CallContext<ThingData>): Promise<ThingData> => {
    const { key, pool, tags } = request;
    const numbers = numbersOf(request);
    if (!process.alive) return never();
    witness.allocating(process, cloud, request, context);
    // All that may still come of it comes within the time that the provider promises.
    const lastMs = plan.temper.endsMaking ? 20_000 : plan.settlesWithinMs - 1;
    const lastAtMs = world.nowMs + lastMs;
    const maker = cloud.expect({ key, pool, numbers }, lastAtMs);
    const within = (ms: number) => Math.max(0, Math.min(ms, lastAtMs - world.nowMs));
    const checkpoint = ({ data }: { data: ThingData }) =>
      process.answer(() => void context.checkpoint(data).catch(() => {}));
    const carryOut = (reply: Reply<ThingData>, { way, deed }: Fate) => {
      if (deed === "failed half way") {
        const thing = cloud.make(maker, tags, "broken");
        cloud.settle(maker);
        if (thing !== undefined && random.chance(0.5)) checkpoint(thing);
        return reply.fail(
          random.chance(0.5) ? new Error("its disk could not be made") : failure("capacity", "allocate", false),
        );
      }
      if (deed === "made after all") {
        timeline.after(within(random.below(lastMs)), () => {
          cloud.make(maker, tags, "ready");
          cloud.settle(maker);
        });
        return reply.fail(failure("transient", "allocate", false));
      }
      const seen = random.chance(0.6) ? cloud.make(maker, tags, "pending") : undefined;
      if (seen !== undefined && random.chance(0.2)) checkpoint(seen);
      timeline.after(within(workMs("allocate")), () => {
        const thing = cloud.make(maker, tags, "ready");
        cloud.settle(maker);
        if (thing === undefined) return reply.fail(new Error("it was deleted while it was being made"));
        if (deed === "failed transiently") return reply.fail(failure("transient", "allocate", false));
        // The first copy made it, and the answer is that to the second.
        if (way === "request twice") return reply.fail(new Error("that key is taken"));
        reply.ok(thing.data);
      });
    };
    return call<ThingData>("allocate", key, context, carryOut, () => cloud.settle(maker));
  };

  const remove = (ref: ResourceRef<ThingData>, context: CallContext<ThingData>): Promise<void> => {
    const { key } = ref;
    if (!process.alive) return never();
    witness.deleting(process, cloud, ref, context);
    return call<void>("delete", key, context, (reply, { way, deed }) => {
      if (deed === "delete kept it") {
        if (cloud.temper.endsMaking) cloud.endMaking(key);
        return reply.ok();
      }
      const end = () => {
        cloud.endMaking(key);
        const thing = cloud.things.get(key);
        if (thing === undefined) return reply.ok();
        if (cloud.temper.deletesBehind) {
          thing.state = "deleting";
          timeline.after(workMs("delete"), () => cloud.remove(key));
        } else cloud.remove(key);
        if (deed === "failed transiently") reply.fail(failure("transient", "delete", false));
        else reply.ok();
      };
      end();
      if (way === "request twice") timeline.after(random.between(1, 5_000), end);
    });
  };

  const check = (made: Made<ThingData>, context: CallContext<ThingData>) =>
    call<Health<ThingData>>("check", made.key, context, (reply, { deed }) => {
      const thing = cloud.things.get(made.key);
      if (deed === "failed transiently") reply.fail(failure("transient", "check", false));
      else if (thing === undefined || thing.sick || thing.state !== "ready")
        reply.ok({ status: "unhealthy", reason: "it does not answer" });
      else reply.ok({ status: "healthy" });
    });

  const find = (key: string, context: CallContext<ThingData>) =>
    call<Found<ThingData>>("find", key, context, (reply, { deed }) => {
      const found = cloud.find(key);
      if (deed === "failed transiently") reply.fail(failure("transient", "find", false));
      else reply.ok(found);
    });

  const reset = (made: Made<ThingData>, context: CallContext<ThingData>) => {
    if (!process.alive) return never();
    witness.resetting(process, cloud, made, context);
    return call<void>("reset", made.key, context, (reply, { deed }) => {
      const thing = cloud.things.get(made.key);
      if (thing === undefined) return reply.fail(new Error("there is nothing to reset"));
      thing.dirtyBy = undefined;
      if (deed === "failed transiently") reply.fail(failure("transient", "reset", false));
      else reply.ok();
    });
  };

  const list = (context: CallContext<ThingData>) =>
    call<{ things: Listed<ThingData>[]; cut: boolean }>("list", cloud.temper.name, context, (reply, { deed }) => {
      // Where nothing but a listing can confirm a delete, it must show all that was made before.
      const things = cloud.list(deed === "listing stale" ? random.between(1, STALE_MS) : 0, !plan.can.find);
      if (deed === "listing of others") things.splice(random.below(things.length + 1), 0, ...cloud.foreign);
      if (deed === "failed transiently") return reply.fail(failure("transient", "list", false));
      const cut = deed === "listing cut short";
      if (cut) things.length = random.below(things.length + 1);
      reply.ok({ things, cut });
    });

  const { can } = plan;
  return {
    name: plan.temper.name,
    settlesWithin: plan.settlesWithinMs,
    allocate,
    delete: remove,
    ...(can.check && { check }),
    ...(can.find && { find }),
    ...(can.reset && { reset }),
    ...(can.list && {
      async *list(context: CallContext<ThingData>) {
        const { things, cut } = await list(context);
        yield* things;
        if (cut) throw failure("transient", "list", false);
        for (const { key } of things) process.sightings.set(key, (process.sightings.get(key) ?? 0) + 1);
      },
    }),
  };
}

/** What a process sees that died in the middle of what it did. */
function never(): Promise<never> {
  return new Promise(() => {});
}

interface Reply<T> {
  ok(value: T): void;
  fail(error: unknown): void;
}

/** A request that is refused at the door. */
function refusal(fault: Fault | undefined, kind: CallKind, random: Random): ProviderError | undefined {
  switch (fault) {
    case "throttled":
      return failure("throttled", kind, random.chance(0.7));
    case "quota or capacity":
      return failure(random.chance(0.5) ? "quota" : "capacity", kind, random.chance(0.7));
    case "failed transiently":
      // The other half is carried out, and fails afterwards.
      return random.chance(0.5) ? failure("transient", kind, false) : undefined;
    default:
      return undefined;
  }
}

function failure(kind: FailureKind, call: CallKind, nothing: boolean): ProviderError {
  return new ProviderError(`${call} failed: ${kind}`, {
    kind,
    ...(nothing && call === "allocate" && { made: "nothing" }),
  });
}
