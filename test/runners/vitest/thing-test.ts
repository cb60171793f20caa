import { leaseFixture } from "@warmpool/testing/vitest";
import { test as base } from "vitest";

export const test = base.extend("thing", leaseFixture<{ readonly pid: number }>());
