import { storeSuite } from "@warmpool/testing";
import { describe, test } from "vitest";
import { sqliteHarness } from "./harness.js";

describe("SQLite", () => storeSuite({ test, create: () => sqliteHarness() }));
