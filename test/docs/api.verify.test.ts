/** The API reference can be generated without a warning, has all exports, and is the same on every machine. */
import { execFile } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "./pages.js";

let out = "";
beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), "warmpool-api-"));
  const typedoc = join(root, "node_modules/typedoc/bin/typedoc");
  // Rejects for a warning too, and its message has it.
  await promisify(execFile)(process.execPath, [typedoc, "--out", out], { cwd: root });
});
afterAll(() => rmSync(out, { recursive: true }));

const page = (name: string) => readFileSync(join(out, `${name}.md`), "utf8");

test.each([
  ["@warmpool/core", "packages/core/src/index.ts"],
  ["@warmpool/core/keyv", "packages/core/src/store/keyv/index.ts"],
  ["@warmpool/core/sqlite", "packages/core/src/store/sqlite/index.ts"],
  ["@warmpool/core/otel", "packages/core/src/otel/index.ts"],
  ["@warmpool/testing", "packages/testing/src/index.ts"],
  ["@warmpool/provider-aws", "packages/provider-aws/src/index.ts"],
  ["@warmpool/provider-shell", "packages/provider-shell/src/index.ts"],
  ["@warmpool/provider-docker", "packages/provider-docker/src/index.ts"],
  ["@warmpool/provider-openstack", "packages/provider-openstack/src/index.ts"],
  ["@warmpool/store-postgres", "packages/store-postgres/src/index.ts"],
])("%s has a section for each of its exports", (name, entry) => {
  const lists = readFileSync(join(root, entry), "utf8").matchAll(/^export (?:type )?\{([^}]*)\}/gms);
  const exported = [...lists].flatMap(([, list = ""]) =>
    list
      .split(",")
      .map((one) =>
        one
          .trim()
          .replace(/^type /, "")
          .replace(/^\w+ as /, ""),
      )
      .filter((one) => one !== ""),
  );
  const sections = [...page(name).matchAll(/^### ([\w\\]+)/gm)].map(([, section = ""]) => section.replaceAll("\\", ""));
  expect(exported.length).toBeGreaterThan(0);
  expect([...new Set(sections)].sort()).toEqual(exported.sort());
});

test("says nothing of the machine", () => {
  const all = globSync("**/*.md", { cwd: out }).map((path) => readFileSync(join(out, path), "utf8"));
  expect(all.length).toBeGreaterThan(5);
  for (const path of [root, out, "file:///"]) expect(all.join("\n")).not.toContain(path);
});
