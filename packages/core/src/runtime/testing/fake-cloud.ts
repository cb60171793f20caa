import type { CallContext, Found, Listed, Provider } from "../../provider/provider.js";

export interface Thing {
  readonly n: number;
}

export type CallKind = "allocate" | "delete" | "check" | "find" | "list" | "reset";

export interface MadeCall {
  readonly kind: CallKind;
  readonly key: string;
  readonly signal: AbortSignal;
}

/** What a test lets a call do in place of what it usually does. */
export type Behaviour = (call: MadeCall, context: CallContext<Thing>) => Promise<unknown>;

/** Makes things at once, and remembers every call. */
export class FakeCloud {
  readonly things = new Map<string, Thing>();
  readonly calls: MadeCall[] = [];
  readonly instead: Partial<Record<CallKind, Behaviour>> = {};
  #made = 0;

  /** How often a kind of call was made. */
  count(kind: CallKind): number {
    return this.calls.filter((call) => call.kind === kind).length;
  }

  /** The newest call of a kind. */
  last(kind: CallKind): MadeCall | undefined {
    return this.calls.findLast((call) => call.kind === kind);
  }

  /** Calls of a kind wait until the returned function is called; those that follow, too. */
  hold(kind: CallKind): () => void {
    let letGo!: () => void;
    const going = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    this.instead[kind] = async (call) => {
      await going;
      return this.#usual(call);
    };
    return () => {
      delete this.instead[kind];
      letGo();
    };
  }

  /** A provider that can do these things, besides allocate and delete. */
  provider(can: readonly CallKind[] = [], members: Partial<Provider<Thing>> = {}): Provider<Thing> {
    const call = async (kind: CallKind, key: string, context: CallContext<Thing>): Promise<unknown> => {
      const made = { kind, key, signal: context.signal };
      this.calls.push(made);
      const behave = this.instead[kind];
      return behave === undefined ? this.#usual(made) : await behave(made, context);
    };
    const all: Required<Pick<Provider<Thing>, "check" | "find" | "list" | "reset">> = {
      check: (made, context) => call("check", made.key, context) as Promise<undefined>,
      find: (key, context) => call("find", key, context) as Promise<Found<Thing>>,
      reset: (made, context) => call("reset", made.key, context) as Promise<undefined>,
      async *list(context) {
        yield* (await call("list", "", context)) as Listed<Thing>[];
      },
    };
    const some = Object.fromEntries(Object.entries(all).filter(([kind]) => can.includes(kind as CallKind)));
    return {
      name: "cloud",
      settlesWithin: 0,
      allocate: ({ key }, context) => call("allocate", key, context) as Promise<Thing>,
      delete: ({ key }, context) => call("delete", key, context) as Promise<undefined>,
      ...some,
      ...members,
    };
  }

  #usual({ kind, key }: MadeCall): unknown {
    switch (kind) {
      case "allocate": {
        this.#made += 1;
        const thing = { n: this.#made };
        this.things.set(key, thing);
        return thing;
      }
      case "delete":
        this.things.delete(key);
        return undefined;
      case "find": {
        const data = this.things.get(key);
        return data === undefined ? { status: "absent" } : { status: "ready", data };
      }
      case "list":
        return [...this.things].map(([thing, data]) => ({ key: thing, data }));
      case "check":
      case "reset":
        return undefined;
    }
  }
}
