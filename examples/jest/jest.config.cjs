module.exports = {
  testMatch: ["**/*.spec.cjs"],
  globalSetup: "./things.setup.cjs",
  globalTeardown: "./things.teardown.cjs",
  testTimeout: 30_000,
  transform: {},
};
