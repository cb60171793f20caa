import { test as base } from "@playwright/test";
import type { Lease } from "@warmpool/core";
import { leaseFixture } from "@warmpool/testing/playwright";

interface Thing {
  readonly pid: number;
}

export const test = base.extend<{ thing: Lease<Thing> }>({ thing: leaseFixture<Thing>() });
