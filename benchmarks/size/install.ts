import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Built, coreFolder } from "../lib/build.ts";

const run = promisify(execFile);

export interface Installed {
  /** With a `node_modules` that has the core and what it depends on. */
  readonly folder: string;
  /** All packages, ours too. */
  readonly packages: number;
  readonly bytes: number;
  readonly ownBytes: number;
  readonly tarballBytes: number;
}

/** Packs a build as it would be published, and installs it as a user would. */
export async function install(name: Built, folder: string): Promise<Installed> {
  mkdirSync(folder, { recursive: true });
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd: coreFolder(name) });
  const [packed] = JSON.parse(stdout) as [{ filename: string }];
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const quietly = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"];
  await run("npm", ["install", ...quietly, `./${packed.filename}`], { cwd: folder });
  const modules = join(folder, "node_modules");
  return {
    folder,
    packages: packagesIn(modules),
    bytes: bytesIn(modules),
    ownBytes: bytesIn(join(modules, "@warmpool/core")),
    tarballBytes: statSync(join(folder, packed.filename)).size,
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
