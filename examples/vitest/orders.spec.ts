import pg from "pg";
import { expect, onTestFinished } from "vitest";
import { test } from "./fixtures.js";

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  // Before the database goes back.
  onTestFinished(() => client.end());
  return client;
}

// Each has a database of its own: there is one order, whoever ran before.
test.for(["a chair", "a table", "a lamp"])("%s is the only order", async (article, { database }) => {
  const shop = await connect(database.data.url);
  await shop.query("INSERT INTO orders (article) VALUES ($1)", [article]);
  const { rows } = await shop.query("SELECT id, article FROM orders");
  expect(rows).toEqual([{ id: 1, article }]);
});
