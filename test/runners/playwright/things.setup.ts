import { poolSetup } from "@warmpool/testing/playwright";

export default poolSetup({ pool: new URL("../things.pool.mjs", import.meta.url) });
