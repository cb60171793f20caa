// `params` is required exactly if the provider takes parameters.
import { createManager, createPool, definePool, type Provider } from "@warmpool/core";
import { sqliteStore } from "@warmpool/core/sqlite";
import { shellProvider } from "@warmpool/provider-shell";
import { is } from "./equal.js";

interface Size {
  cpus: number;
  image?: string;
}

const plain: Provider<string> = { name: "plain", allocate: async () => "a", delete: async () => {} };
const sized: Provider<string, Size> = {
  name: "sized",
  allocate: async ({ params }) => {
    is<Size>()(params)(true);
    return "a";
  },
  delete: async () => {},
};
const scripted = shellProvider<{ url: string }, Size>({ allocate: "./a.sh", delete: "./b.sh", output: "json" });

createPool({ provider: plain, max: 1 });
createPool({ provider: sized, max: 1, params: { cpus: 2 } });
createPool({ provider: sized, max: 1, params: { cpus: 2, image: "debian" }, store: sqliteStore("a.db") });
createManager({
  pools: {
    plain: definePool({ provider: plain, max: 1 }),
    small: definePool({ provider: sized, max: 1, params: { cpus: 2 } }),
    scripted: definePool({ provider: scripted, max: 1, params: { cpus: 2 } }),
  },
});
is<{ url: string }>()((await createPool({ provider: scripted, max: 1, params: { cpus: 2 } }).acquire()).data)(true);

// @ts-expect-error: it takes none
createPool({ provider: plain, max: 1, params: { cpus: 2 } });
// @ts-expect-error: it takes none
definePool({ provider: plain, max: 1, params: { cpus: 2 } });
// @ts-expect-error: they are required
createPool({ provider: sized, max: 1 });
// @ts-expect-error: they are required
definePool({ provider: sized, max: 1 });
// @ts-expect-error: they are required
definePool({ provider: scripted, max: 1 });
// @ts-expect-error: cpus is a number
createPool({ provider: sized, max: 1, params: { cpus: "2" } });
// @ts-expect-error: cpus is a number
definePool({ provider: sized, max: 1, params: { cpus: "2" } });
// @ts-expect-error: cpus is required
definePool({ provider: sized, max: 1, params: { image: "debian" } });
// @ts-expect-error: there is no such parameter
createPool({ provider: sized, max: 1, params: { cpus: 2, memory: 4 } });
// @ts-expect-error: there is no such parameter
definePool({ provider: sized, max: 1, params: { cpus: 2, memory: 4 } });

// Parameters are what pools have, not requests.
const pool = createPool({ provider: sized, max: 1, params: { cpus: 2 } });
// @ts-expect-error: the pool has them
await pool.acquire({ params: { cpus: 4 } });
// @ts-expect-error: the pool has them
await pool.request({ params: { cpus: 4 } });
await pool.configure<Size>({ provider: sized, max: 2, params: { cpus: 4 } });
