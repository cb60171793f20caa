const pg = require("pg");
const { leaseForEach } = require("@warmpool/testing/jest");

const database = leaseForEach({ pool: "databases" });
let shop;

beforeEach(async () => {
  shop = new pg.Client({ connectionString: database.data.url });
  await shop.connect();
});

// Before the database goes back: that comes after all hooks.
afterEach(() => shop.end());

// Each has a database of its own: there is one order, whoever ran before.
test.each(["a chair", "a table", "a lamp"])("%s is the only order", async (article) => {
  await shop.query("INSERT INTO orders (article) VALUES ($1)", [article]);
  const { rows } = await shop.query("SELECT id, article FROM orders");
  expect(rows).toEqual([{ id: 1, article }]);
});
