import { poolSetup } from "@warmpool/testing/node-test";

export const { globalSetup, globalTeardown } = poolSetup({
  pool: new URL("../test-things/things.pool.ts", import.meta.url),
});
