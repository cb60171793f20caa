import assert from "node:assert/strict";
import { createRequire } from "node:module";
import * as core from "@warmpool/core";
import { keyvStore } from "@warmpool/core/keyv";
import * as sqlite from "@warmpool/core/sqlite";
import { ec2Provider } from "@warmpool/provider-aws";
import { dockerProvider } from "@warmpool/provider-docker";
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

assert.equal(ec2Provider({ launch: { ImageId: "ami-1" } }).name, "ec2");
// As far as one gets without an engine: to it.
const containers = dockerProvider({ image: "busybox", hosts: [{ name: "box", url: "unix:///nowhere/docker.sock" }] });
const signal = new AbortController().signal;
await assert.rejects(containers.find("wp-abcdefgh-123456-1", { signal }), /ENOENT/);
assert.equal(openStackProvider({ cloud: "ci" }).name, "openstack");

// An application may well load both builds: one through import, one through a CommonJS dependency.
const other = createRequire(import.meta.url)("@warmpool/core");
const error = new other.WarmpoolError("NOT_READY", "not yet", { details: { call: "stats" } });
assert.equal(error instanceof core.WarmpoolError, false);
assert.equal(core.isWarmpoolError(error, "NOT_READY"), true);

// Vitest's is loaded by Vitest alone.
for (const runner of ["node-test", "jest", "playwright"]) {
  assert.equal(typeof (await import(`@warmpool/testing/${runner}`)).poolSetup, "function");
}

console.log(Object.keys(await import("@warmpool/testing")).join(" "));
