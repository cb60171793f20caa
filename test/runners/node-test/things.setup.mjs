import { poolSetup } from "@warmpool/testing/node-test";

export const { globalSetup, globalTeardown } = poolSetup({ pool: new URL("../things.pool.mjs", import.meta.url) });
