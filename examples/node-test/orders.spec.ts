import assert from "node:assert/strict";
import { test } from "node:test";
import { leaseFor } from "@warmpool/testing/node-test";
import pg from "pg";
import type { Database } from "../test-things/databases.ts";

// Each has a database of its own: there is one order, whoever ran before.
for (const article of ["a chair", "a table", "a lamp"]) {
  test(`${article} is the only order`, async (t) => {
    const { data } = await leaseFor<Database>(t, { pool: "databases" });
    const shop = new pg.Client({ connectionString: data.url });
    await shop.connect();
    try {
      await shop.query("INSERT INTO orders (article) VALUES ($1)", [article]);
      const { rows } = await shop.query("SELECT id, article FROM orders");
      assert.deepEqual(rows, [{ id: 1, article }]);
    } finally {
      await shop.end();
    }
  });
}
