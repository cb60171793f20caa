const { poolTeardown } = require("@warmpool/testing/jest");

module.exports = poolTeardown;
