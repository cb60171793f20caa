import { test as base, chromium, type Page } from "@playwright/test";
import type { Lease } from "@warmpool/core";
import { leaseFixture } from "@warmpool/testing/playwright";
import type { Browser } from "../test-things/browsers.js";
import type { Database } from "../test-things/databases.js";
import type { Server } from "../test-things/servers.js";

interface Things {
  readonly database: Lease<Database>;
  readonly server: Lease<Server>;
  readonly leasedBrowser: Lease<Browser>;
  /** Of a leased browser. */
  readonly leasedPage: Page;
}

export const test = base.extend<Things>({
  database: leaseFixture<Database>({ pool: "databases" }),
  server: leaseFixture<Server>({ pool: "servers" }),
  leasedBrowser: leaseFixture<Browser>({ pool: "browsers" }),
  leasedPage: async ({ leasedBrowser }, use) => {
    const browser = await chromium.connectOverCDP(leasedBrowser.data.url);
    await use(await browser.newPage());
    await browser.close();
  },
});
