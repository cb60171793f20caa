module.exports = {
  testMatch: ["**/*.spec.cjs"],
  globalSetup: "./things.setup.cjs",
  globalTeardown: "./things.teardown.cjs",
  testTimeout: 4_000,
  transform: {},
  // By a worker, as when there are several files.
  maxWorkers: 2,
};
