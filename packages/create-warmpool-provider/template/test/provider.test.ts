import { describe, test } from "node:test";
import { providerSuite } from "@warmpool/testing";
import { harness } from "./harness.ts";

describe("rackProvider", () => {
  // What your API cannot do goes into `deviations`: { without: "reset", reason: "machines are made anew" }.
  providerSuite({ test, timeout: "5s", create: harness, deviations: [] });
});
