const process = require("node:process");
const { poolSetup } = require("@warmpool/testing/jest");
const { findBrowser } = require("../test-things/find-browser.ts");

const startPool = poolSetup({ pool: require.resolve("../test-things/things.pool.ts") });

module.exports = async () => {
  process.env.BROWSER = findBrowser() ?? "";
  await startPool();
};
