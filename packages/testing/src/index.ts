/** @module @warmpool/testing */
export { type FakeData, type FakeProvider, type FakeProviderOptions, fakeProvider } from "./kit/fake-provider.js";
export { type FaultPlan, type FaultPlanOptions, faultPlan, type ProviderFault } from "./kit/fault-plan.js";
export { type SimulatedClock, simulatedClock } from "./kit/simulated-clock.js";
export type { ProviderDeviation } from "./provider-suite/deviation.js";
export type { ProviderHarness } from "./provider-suite/harness.js";
export type { Need as ProviderNeed } from "./provider-suite/need.js";
export type { ProviderCaseName } from "./provider-suite/provider-cases.js";
export { type ProviderSuiteOptions, providerSuite, type RegisterTest } from "./provider-suite/provider-suite.js";
export type { StoreDeviation } from "./store-suite/deviation.js";
export type { StoreHarness } from "./store-suite/harness.js";
export type { StoreCaseName } from "./store-suite/store-cases.js";
export { type StoreSuiteOptions, storeSuite } from "./store-suite/store-suite.js";
