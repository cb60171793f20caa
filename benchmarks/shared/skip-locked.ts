import pg from "pg";
import type { Claimant, SharedOrder } from "./rival.ts";

/** The least that a shared pool can be: a row for each thing, claimed by `SKIP LOCKED` and given back. */
export async function skipLocked({ url, connections, inFlight }: SharedOrder): Promise<Claimant> {
  const clients = await Promise.all(
    Array.from({ length: connections }, async () => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      return client;
    }),
  );
  const [first] = clients;
  await first!.query("DROP TABLE IF EXISTS bare_thing");
  await first!.query(
    "CREATE TABLE bare_thing (id integer PRIMARY KEY, holder text, data text NOT NULL) WITH (fillfactor = 50)",
  );
  await first!.query("CREATE INDEX ON bare_thing (id) WHERE holder IS NULL");
  await first!.query("INSERT INTO bare_thing SELECT n, NULL, repeat('x', 250) FROM generate_series(1, $1::int) AS n", [
    connections * inFlight,
  ]);
  const claim = `
    UPDATE bare_thing SET holder = $1 WHERE id = (
      SELECT id FROM bare_thing WHERE holder IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING id, data`;
  return {
    async pair(connection) {
      const client = clients[connection]!;
      const { rows } = await client.query({ name: "claim", text: claim, values: [String(connection)] });
      if (rows.length === 0) return;
      const back = "UPDATE bare_thing SET holder = NULL WHERE id = $1";
      await client.query({ name: "return", text: back, values: [rows[0].id] });
    },
    async close() {
      for (const client of clients) await client.end();
    },
  };
}
