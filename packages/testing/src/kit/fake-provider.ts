import { type CallContext, type Found, type Listed, type Provider, ProviderError } from "@warmpool/core";
import type { FaultPlan, ProviderFault } from "./fault-plan.js";

/** What holders of a fake thing get. */
export interface FakeData {
  /** Counts the things that were made, from 1. */
  readonly n: number;
}

/** A provider of things that exist only in memory, and that can be looked at from outside. */
export interface FakeProvider extends Provider<FakeData> {
  /** What exists, by key: also what nobody heard of. */
  readonly things: ReadonlyMap<string, FakeData>;
  /** Makes one stop working: its checks fail. */
  break(key: string): void;
  /** Takes one away, as a person would in the provider's console. */
  take(key: string): void;
}

/** How a fake provider behaves. */
export interface FakeProviderOptions {
  /** Default: `"fake"`. */
  readonly name?: string;
  /** What goes wrong. Default: nothing. */
  readonly plan?: FaultPlan;
}

/**
 * A provider for tests of an application: it makes, checks, finds, lists, resets and deletes at once, except where its plan
 * says otherwise. A call whose answer is lost rejects when it is told to stop.
 */
export function fakeProvider(options: FakeProviderOptions = {}): FakeProvider {
  const { name = "fake", plan } = options;
  const things = new Map<string, FakeData>();
  const broken = new Set<string>();
  let made = 0;
  const make = (key: string) => {
    const data = things.get(key) ?? { n: ++made };
    things.set(key, data);
    return data;
  };

  /** Carries a call out, or does what the plan says. */
  const call = async <T>(
    possible: readonly ProviderFault[],
    { signal }: CallContext,
    carryOut: () => T,
  ): Promise<T> => {
    const fault = plan?.draw(possible);
    switch (fault) {
      case "throttled":
        throw new ProviderError("too many requests", { kind: "throttled", made: "nothing" });
      case "out of capacity":
        throw new ProviderError("no room", { kind: "capacity", made: "nothing" });
      case "failed transiently":
        throw new ProviderError("internal error", { kind: "transient" });
      case "made after all":
        carryOut();
        throw new ProviderError("internal error", { kind: "transient" });
      case "answer lost":
        carryOut();
        return await aborted(signal);
      default:
        return carryOut();
    }
  };

  return {
    name,
    settlesWithin: 0,
    things,
    break: (key) => void broken.add(key),
    take: (key) => void things.delete(key),
    async allocate({ key }, context) {
      if (plan?.draw(["failed half way"]) !== undefined) {
        make(key);
        broken.add(key);
        throw new Error("it was made half");
      }
      return await call([...LOOKING, "out of capacity", "made after all"], context, () => make(key));
    },
    async delete({ key }, context) {
      if (plan?.draw(["delete kept it"]) !== undefined) return;
      await call(LOOKING, context, () => things.delete(key));
    },
    async check({ key }, context) {
      return await call(LOOKING, context, () => {
        const works = things.has(key) && !broken.has(key);
        return works ? { status: "healthy" as const } : { status: "unhealthy" as const, reason: "it does not answer" };
      });
    },
    async find(key, context): Promise<Found<FakeData>> {
      return await call(LOOKING, context, () => {
        const data = things.get(key);
        if (data === undefined) return { status: "absent" as const };
        return broken.has(key) ? { status: "broken" as const, data } : { status: "ready" as const, data };
      });
    },
    async *list(context): AsyncIterable<Listed<FakeData>> {
      yield* await call(LOOKING, context, () => [...things].map(([key, data]) => ({ key, data })));
    },
    async reset(_made, context) {
      await call(LOOKING, context, () => {});
    },
  };
}

/** Faults of every call. */
const LOOKING: readonly ProviderFault[] = ["throttled", "failed transiently", "answer lost"];

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
