const { poolSetup } = require("@warmpool/testing/jest");

module.exports = poolSetup({ pool: require.resolve("../things.pool.mjs") });
