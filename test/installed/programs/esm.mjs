import assert from "node:assert/strict";
import { createRequire } from "node:module";
import * as core from "@warmpool/core";
import { keyvStore } from "@warmpool/core/keyv";
import * as sqlite from "@warmpool/core/sqlite";
import { openStackProvider } from "@warmpool/provider-openstack";
import { shellProvider } from "@warmpool/provider-shell";
import Keyv from "keyv";
import { story } from "./story.cjs";

await story(core, sqlite, keyvStore(new Keyv()));

const pool = core.createPool({
  provider: shellProvider({ allocate: "./thing.sh", delete: "./thing.sh", output: "json" }),
  max: 1,
});
assert.deepEqual(await pool.use(({ data }) => data), { answer: 42 });
await pool.close();

assert.equal(openStackProvider({ cloud: "ci" }).name, "openstack");

// An application may well load both builds: one through import, one through a CommonJS dependency.
const other = createRequire(import.meta.url)("@warmpool/core");
const error = new other.WarmpoolError("NOT_READY", "not yet", { details: { call: "stats" } });
assert.equal(error instanceof core.WarmpoolError, false);
assert.equal(core.isWarmpoolError(error, "NOT_READY"), true);

console.log(Object.keys(await import("@warmpool/testing")).join(" "));
