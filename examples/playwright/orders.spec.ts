import { expect } from "@playwright/test";
import pg from "pg";
import { test } from "./fixtures.js";

// Each has a database of its own: there is one order, whoever ran before.
for (const article of ["a chair", "a table", "a lamp"]) {
  test(`${article} is the only order`, async ({ database }) => {
    const shop = new pg.Client({ connectionString: database.data.url });
    await shop.connect();
    try {
      await shop.query("INSERT INTO orders (article) VALUES ($1)", [article]);
      const { rows } = await shop.query("SELECT id, article FROM orders");
      expect(rows).toEqual([{ id: 1, article }]);
    } finally {
      await shop.end();
    }
  });
}
