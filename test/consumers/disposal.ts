// `await using` ends leases, pools and managers.
import { closeOnSignal, createManager, createPool, definePool, type Provider } from "@warmpool/core";

const provider: Provider<string> = { name: "p", allocate: async () => "a", delete: async () => {} };

export async function run(signal: AbortSignal): Promise<string> {
  await using pool = createPool({ provider, max: 1 });
  await using manager = createManager({ pools: { a: definePool({ provider, max: 1 }) } });
  const stop = closeOnSignal([pool, manager]);
  closeOnSignal(pool, ["SIGTERM"]);
  stop();
  await using lease = await pool.acquire({ signal });
  await using other = await manager.acquire({ pool: "a" });
  other.fail("it was broken");
  return lease.data;
}
