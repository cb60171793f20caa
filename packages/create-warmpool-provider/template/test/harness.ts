import type { ProviderHarness } from "@warmpool/testing";
import type { Machine } from "../src/api.ts";
import { rackProvider } from "../src/provider.ts";
import { FakeApi } from "./fake-api.ts";

/** The provider with an outside world of its own, fresh for each case. */
export async function harness(): Promise<ProviderHarness<Machine>> {
  const api = await FakeApi.start();
  const provider = () => rackProvider({ url: api.url, pollEveryMs: 5, settlesWithinMs: 1_000 });
  return {
    provider: provider(),
    // As the next process would make it: it remembers nothing.
    restart: provider,
    // What really exists, asked past the provider.
    count: () => api.machines.size,
    break: ({ id }) => api.break(id),
    async outage(during) {
      api.isDown = true;
      await during();
      api.isDown = false;
    },
    cleanup: () => api.stop(),
  };
}
