// The suites take node:test's `test` as it is, and know the provider's types.
import { test } from "node:test";
import { inventoryProvider, memoryStore } from "@warmpool/core";
import {
  type ProviderCaseName,
  type ProviderHarness,
  providerSuite,
  type StoreCaseName,
  type StoreHarness,
  storeSuite,
} from "@warmpool/testing";

const provider = inventoryProvider({ items: { anna: { port: 5037 } } });
const broken = new Set<number>();
export const harness = { provider, break: ({ port }) => void broken.add(port) } satisfies ProviderHarness<{
  name: string;
  port: number;
}>;
export const store: StoreHarness = { store: memoryStore(), cleanup: async () => {} };

providerSuite({
  test,
  create: () => harness,
  deviations: [
    { without: "count", reason: "names are not made" },
    { case: "delete twice succeeds", reason: "why not" },
    // @ts-expect-error: nothing of that name can be left out
    { without: "everything", reason: "no time" },
  ],
  timeout: "1m",
});
storeSuite({ test, create: () => store });
// @ts-expect-error: a store is needed
storeSuite({ test, create: () => ({}) });

export const cases: [ProviderCaseName, StoreCaseName] = [
  "delete twice succeeds",
  // @ts-expect-error: there is no such case
  "is fast",
];
