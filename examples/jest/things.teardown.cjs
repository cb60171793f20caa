module.exports = require("@warmpool/testing/jest").poolTeardown;
