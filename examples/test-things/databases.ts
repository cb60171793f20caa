import type { Provider } from "@warmpool/core";
import pg from "pg";

export interface Database {
  readonly url: string;
}

/** Has the tables. Copying it takes less time than making them anew would, however many there are. */
const TEMPLATE = "shop_template";

/**
 * A database for each lease, in one PostgreSQL server. Nobody gets one that somebody else has used.
 *
 * @param url Of the server.
 */
export async function databaseProvider(url: string): Promise<Provider<Database>> {
  await asAdmin(url, async (admin) => {
    await admin.query(`DROP DATABASE IF EXISTS ${TEMPLATE}`);
    await admin.query(`CREATE DATABASE ${TEMPLATE}`);
  });
  await asAdmin(urlOf(url, TEMPLATE), async (template) => {
    await template.query("CREATE TABLE orders (id serial PRIMARY KEY, article text NOT NULL)");
  });
  return {
    name: "databases",
    // What was given up is deleted when its CREATE has answered, not before.
    settlesWithin: 0,
    // Keys have letters, digits and dashes: in quotes, each is a name.
    async allocate({ key }) {
      await asAdmin(url, (admin) => admin.query(`CREATE DATABASE "${key}" TEMPLATE ${TEMPLATE}`));
      return { url: urlOf(url, key) };
    },
    async delete({ key }) {
      await asAdmin(url, (admin) => admin.query(`DROP DATABASE IF EXISTS "${key}" WITH (FORCE)`));
    },
  };
}

function urlOf(server: string, database: string): string {
  return Object.assign(new URL(server), { pathname: `/${database}` }).href;
}

async function asAdmin(connectionString: string, run: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await run(client);
  } finally {
    await client.end();
  }
}
