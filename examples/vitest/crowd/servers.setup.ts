import { poolSetup } from "@warmpool/testing/vitest";

export default poolSetup({ pool: new URL("./servers.pool.ts", import.meta.url) });
