import { createPool, type Pool, type Provider } from "@warmpool/core";
import { postgresStore } from "@warmpool/store-postgres";

export interface Thing {
  readonly n: number;
}

/** A call of the provider, and in which epoch it was decided. */
export interface Call {
  readonly what: string;
  readonly epoch: number;
}

/** Three things that are checked all the time, by whoever leads; each call is told. The same configuration everywhere. */
export function watchedPool(url: string, schema: string, tell: (call: Call) => void): Pool<Thing> {
  let made = 0;
  const provider: Provider<Thing> = {
    name: "watched",
    async allocate(_request, { epoch }) {
      tell({ what: "allocate", epoch });
      made += 1;
      return { n: made };
    },
    async delete(_ref, { epoch }) {
      tell({ what: "delete", epoch });
    },
    async check(_made, { epoch }) {
      tell({ what: "check", epoch });
    },
  };
  return createPool({
    name: "watched",
    provider,
    max: 3,
    warm: 3,
    check: { every: "50ms" },
    store: postgresStore(url, { schema, leaderTtl: "1s" }),
  });
}
