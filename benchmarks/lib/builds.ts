import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { setBuild } from "./build.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const CORE = "packages/core";
const POSTGRES = "packages/store-postgres";

/**
 * Copies what is built, so that nobody who builds meanwhile changes what is measured; and builds the baseline.
 *
 * @param ref A commit, or a name of one.
 */
export async function prepareBuilds(ref: string | undefined): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-builds-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const ours = join(folder, "warmpool");
  for (const name of [CORE, POSTGRES]) {
    mkdirSync(join(ours, name), { recursive: true });
    if (!existsSync(join(root, name, "dist/index.js"))) throw new Error("Nothing is built: run `npm run build` first.");
    for (const part of ["package.json", "dist"])
      cpSync(join(root, name, part), join(ours, name, part), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(ours, "node_modules"));
  linkCore(ours);
  setBuild("warmpool", ours);
  if (ref !== undefined) setBuild("baseline", await buildOf(ref, join(folder, "baseline")));
}

/** Builds a commit in a worktree of its own. */
async function buildOf(ref: string, folder: string): Promise<string> {
  const at = (cwd: string) => ({ cwd, maxBuffer: 1e8 });
  console.log(`Building ${ref} …`);
  await run("git", ["worktree", "add", "--detach", folder, ref], at(root));
  try {
    if (needs(folder) === needs(root)) symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    else await run("npm", ["ci", "--prefer-offline", "--no-audit", "--no-fund"], at(folder));
    const tsup = join(folder, "node_modules/tsup/dist/cli-default.js");
    await run(process.execPath, [tsup], at(join(folder, CORE)));
    linkCore(folder);
    await run(process.execPath, [tsup], at(join(folder, POSTGRES)));
  } finally {
    // Git forgets it; the folder stays, without what made it a worktree.
    rmSync(join(folder, ".git"), { force: true });
    await run("git", ["worktree", "prune"], at(root));
  }
  return folder;
}

/** The store finds the core of its own build, before any other. */
function linkCore(folder: string): void {
  const scope = join(folder, POSTGRES, "node_modules/@warmpool");
  mkdirSync(scope, { recursive: true });
  symlinkSync(join(folder, CORE), join(scope, "core"));
}

/** What a build imports and is built with. */
function needs(folder: string): string {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(folder, CORE, "package.json"), "utf8"));
  return JSON.stringify([dependencies, devDependencies]);
}
