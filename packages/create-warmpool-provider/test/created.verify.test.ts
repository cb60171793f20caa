/** As somebody does it who has nothing: the packages out of their tarballs, an empty folder, and what the README says. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installInto, link } from "../../../test/installed/install.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../..", import.meta.url));
/** Neither Vitest's own variables nor flags. */
const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], NO_COLOR: "1" };

let folder = "";
let tarball = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "warmpool-created-"));
  const pack = ["pack", "--silent", "--pack-destination", folder];
  const { stdout } = await run("npm", pack, { cwd: join(root, "packages/create-warmpool-provider") });
  tarball = join(folder, stdout.trim());
});
afterAll(() => rmSync(folder, { recursive: true }));

/** `npm create warmpool-provider`, of the tarball. */
const create = (...args: string[]) =>
  run("npm", ["exec", "--yes", "--offline", `--package=${tarball}`, "--", "create-warmpool-provider", ...args], {
    cwd: folder,
    env,
  });

test("a package that was created passes its suite, and builds", async () => {
  const { stdout } = await create("big-disk");
  expect(stdout).toContain("warmpool-provider-big-disk is in warmpool-provider-big-disk");
  const cwd = join(folder, "warmpool-provider-big-disk");

  // What `npm install` would do: of the tarballs, and of what this repository has, so that no registry is asked.
  const manifest = JSON.parse(readFileSync(join(cwd, "package.json"), "utf8")) as {
    readonly devDependencies: Readonly<Record<string, string>>;
    readonly peerDependencies: Readonly<Record<string, string>>;
  };
  const { devDependencies, peerDependencies } = manifest;
  expect(peerDependencies).toEqual({ "@warmpool/core": devDependencies["@warmpool/core"] });
  for (const [name, range] of Object.entries(devDependencies)) {
    expect([name, range]).toEqual([name, expect.stringMatching(/^\^\d+\.\d+\.\d+$/)]);
    if (name.startsWith("@warmpool/")) await installInto(cwd, name.slice("@warmpool/".length));
    else link(name, cwd);
  }
  const bin = join(cwd, "node_modules/.bin");
  mkdirSync(bin);
  symlinkSync("../typescript/bin/tsc", join(bin, "tsc"));

  const tests = await run("npm", ["test"], { cwd, env });
  expect(tests.stdout).toMatch(/^ℹ fail 0$/m);
  expect(tests.stdout).toMatch(/^ℹ skipped 0$/m);
  expect(Number(/^ℹ pass (\d+)$/m.exec(tests.stdout)?.[1])).toBeGreaterThan(60);

  await run("npm", ["run", "build"], { cwd, env });
  expect(existsSync(join(cwd, "dist/index.d.ts"))).toBe(true);
  const program =
    'import { bigDiskProvider } from "warmpool-provider-big-disk"; console.log(bigDiskProvider({ url: "http://x" }).name);';
  expect((await run("node", ["--input-type=module", "--eval", program], { cwd, env })).stdout).toBe("big-disk\n");
});

test("what goes wrong is told, with its code", async () => {
  await expect(create("Big Disk")).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^NAME_INVALID: /m),
  });
  await expect(create("--folder", folder, "disk")).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^FOLDER_NOT_EMPTY: /m),
  });
  await expect(create("--overwrite", "disk")).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^USAGE: /m),
  });
});
