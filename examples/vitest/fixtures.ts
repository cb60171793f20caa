import { leaseFixture } from "@warmpool/testing/vitest";
import { test as base } from "vitest";
import type { Browser } from "../test-things/browsers.js";
import type { Database } from "../test-things/databases.js";
import type { Server } from "../test-things/servers.js";

export const test = base
  .extend("database", leaseFixture<Database>({ pool: "databases" }))
  .extend("server", leaseFixture<Server>({ pool: "servers" }))
  .extend("browser", leaseFixture<Browser>({ pool: "browsers" }));
