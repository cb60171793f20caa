import { poolSetup } from "@warmpool/testing/playwright";

export default poolSetup({ pool: new URL("../test-things/things.pool.ts", import.meta.url) });
