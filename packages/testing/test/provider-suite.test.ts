import { providerSuite } from "@warmpool/testing";
import { describe, test } from "vitest";
import { cloudHarness } from "./fake-cloud/cloud-harness.js";

describe("a provider as it should be", () => {
  providerSuite({ test, create: () => cloudHarness(), timeout: "2s" });
});
