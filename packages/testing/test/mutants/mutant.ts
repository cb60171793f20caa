import type { Provider } from "@warmpool/core";
import type { ProviderCaseName } from "@warmpool/testing";
import type { CloudParams, CloudServer } from "../fake-cloud/cloud-provider.js";
import type { FakeCloud } from "../fake-cloud/fake-cloud.js";

export type CloudProvider = Provider<CloudServer, CloudParams>;

/** A provider with one thing wrong, and what must find that. */
export interface Mutant {
  /** What is wrong: `a provider that …`. */
  readonly that: string;
  provide(cloud: FakeCloud): CloudProvider;
  /** The cases that must fail, each with what they must say. */
  readonly caughtBy: Partial<Record<ProviderCaseName, RegExp>>;
}
