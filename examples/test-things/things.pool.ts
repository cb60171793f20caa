import { createManager, definePool } from "@warmpool/core";
import { startPostgres } from "@warmpool/test-postgres";
import { browserProvider } from "./browsers.ts";
import { databaseProvider } from "./databases.ts";
import { findBrowser } from "./find-browser.ts";
import { serverProvider } from "./servers.ts";

/** What a killed worker had is taken away at once. */
const lease = { grace: 0 };

export default async () => {
  const postgres = await startPostgres();
  const browser = findBrowser();
  const pool = createManager({
    pools: {
      databases: definePool({ provider: await databaseProvider(postgres.url), max: 8, warm: 3, lease }),
      servers: definePool({ provider: serverProvider(), max: 4, warm: 1, lease }),
      ...(browser !== undefined && {
        browsers: definePool({ provider: browserProvider(browser), max: 2, warm: 1, reuse: false, lease }),
      }),
    },
  });
  return { pool, end: () => postgres.stop() };
};
