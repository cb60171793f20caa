import { storeSuite } from "@warmpool/testing";
import { describe, test } from "vitest";
import { sqliteHarness } from "./harness.js";

describe("SQLite, synchronous normal", () => {
  storeSuite({ test, create: () => sqliteHarness({ synchronous: "normal" }) });
});

describe("SQLite on a slow disk", () => {
  storeSuite({ test, create: () => sqliteHarness({ fsyncDelay: "20ms" }) });
});
