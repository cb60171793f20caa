import { poolSetup } from "@warmpool/testing/vitest";

export default poolSetup({ pool: new URL("../things.pool.mjs", import.meta.url) });
