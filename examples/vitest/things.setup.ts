import { poolSetup } from "@warmpool/testing/vitest";

export default poolSetup({ pool: new URL("../test-things/things.pool.ts", import.meta.url) });
