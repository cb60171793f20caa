import { providerSuite } from "@warmpool/testing";
import { describe, test } from "vitest";
import { harness } from "../template/test/harness.ts";

describe("the template", () => {
  providerSuite({ test: test.concurrent, timeout: "5s", create: harness });
});
