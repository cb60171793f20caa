/** The packages, as they would be published, work for each kind of importer under each Node that is promised. */
import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { install } from "./install.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const nodes = [
  ["22.19", join(root, "test/nodes/22/node_modules/node/bin/node")],
  ["24", join(root, "node_modules/node/bin/node")],
  ["26", join(root, "test/nodes/26/node_modules/node/bin/node")],
] as const;

let folder = "";
beforeAll(async () => {
  const providers = ["provider-shell", "provider-aws", "provider-docker", "provider-openstack"];
  folder = await install("test/installed/programs", "core", "testing", ...providers);
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(...[file, ...args]: [string, ...string[]]): Promise<{ code: number; stdout: string; stderr: string }> {
  // Neither Vitest's own variables nor flags: what runs here runs as at a user's.
  const env = { PATH: process.env["PATH"], NO_COLOR: "1" };
  return new Promise((resolve) => {
    execFile(file, args, { cwd: folder, env, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : 1, stdout, stderr });
    });
  });
}

describe.each(nodes)("Node %s", (version, node) => {
  test("is what it says", async () => {
    expect((await run(node, "--version")).stdout).toMatch(new RegExp(`^v${version.replace(".", "\\.")}\\.`));
  });

  test.each(["esm.mjs", "commonjs.cjs"])("runs %s, without a warning", async (program) => {
    expect(await run(node, program)).toEqual({
      code: 0,
      stdout: "fakeProvider faultPlan providerSuite simulatedClock storeSuite\n",
      stderr: "",
    });
  });

  test("runs Jest without configuration or flags", async () => {
    const { code, stderr } = await run(node, join(root, "node_modules/jest/bin/jest.js"));
    expect(stderr).toMatch(/^Tests: +\d+ skipped, \d+ passed, \d+ total$/m);
    expect(code).toBe(0);
  });
});
