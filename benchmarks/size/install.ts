import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Installed {
  /** With a `node_modules` that has the packages and what they depend on. */
  readonly folder: string;
  /** All packages, ours too. */
  readonly packages: number;
  readonly bytes: number;
  /** Of the last of the packages. */
  readonly ownBytes: number;
  /** Of the last of the packages. */
  readonly tarballBytes: number;
}

/** Packs built packages as they would be published, and installs them as a user would. */
export async function install(sources: readonly string[], folder: string): Promise<Installed> {
  mkdirSync(folder, { recursive: true });
  const tarballs: string[] = [];
  let name = "";
  for (const cwd of sources) {
    const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd });
    const [packed] = JSON.parse(stdout) as [{ filename: string; name: string }];
    tarballs.push(`./${packed.filename}`);
    name = packed.name;
  }
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const quietly = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"];
  await run("npm", ["install", ...quietly, ...tarballs], { cwd: folder });
  const modules = join(folder, "node_modules");
  return {
    folder,
    packages: packagesIn(modules),
    bytes: bytesIn(modules),
    ownBytes: bytesIn(join(modules, name)),
    tarballBytes: statSync(join(folder, tarballs.at(-1)!)).size,
  };
}

function packagesIn(modules: string): number {
  let count = 0;
  for (const entry of readdirSync(modules, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name.startsWith(".")) continue;
    count += entry.name.startsWith("@") ? readdirSync(join(modules, entry.name)).length : 1;
  }
  return count;
}

/** The sum of all files, whatever the disk makes of it. */
function bytesIn(folder: string): number {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true });
  return files
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
