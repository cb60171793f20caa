import { createManager, definePool } from "@warmpool/core";
import { startPostgres } from "@warmpool/test-postgres";
import { browserProvider } from "./browsers.ts";
import { databaseProvider } from "./databases.ts";
import { findBrowser } from "./find-browser.ts";
import { serverProvider } from "./servers.ts";

export default async () => {
  const postgres = await startPostgres();
  const browser = findBrowser();
  const pool = createManager({
    pools: {
      databases: definePool({ provider: await databaseProvider(postgres.url), max: 8, warm: 3 }),
      servers: definePool({ provider: serverProvider(), max: 4, warm: 1 }),
      ...(browser !== undefined && {
        browsers: definePool({ provider: browserProvider(browser), max: 2, warm: 1, reuse: false }),
      }),
    },
  });
  return { pool, end: () => postgres.stop() };
};
