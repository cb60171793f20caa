/** The packages as somebody has them who installed them: out of their tarballs, with nothing but what they declare. */
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

/** A folder outside of the repository: what a package forgot to declare is not found there by chance. */
export async function install(programs: string, ...packages: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "warmpool-installed-"));
  cpSync(join(root, programs), folder, { recursive: true });
  await installInto(folder, ...packages);
  return folder;
}

/** Puts packages, and what they need, into the `node_modules` of a folder. */
export async function installInto(folder: string, ...packages: readonly string[]): Promise<void> {
  for (const name of packages) await unpack(join(root, "packages", name), folder);
}

async function unpack(source: string, folder: string): Promise<void> {
  const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: source });
  const tarball = join(folder, stdout.trim());
  const manifest = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as {
    name: string;
    dependencies?: Record<string, string>;
    peerDependencies?: Record<string, string>;
  };
  const target = join(folder, "node_modules", manifest.name);
  mkdirSync(target, { recursive: true });
  await run("tar", ["xzf", tarball, "--strip-components=1", "-C", target]);
  rmSync(tarball);
  for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    // Unpacked as well, by another call.
    if (dependency.startsWith("@warmpool/")) continue;
    link(dependency, folder);
  }
}

/** The registry is not asked: what is linked is what the repository has. */
export function link(dependency: string, folder: string): void {
  const path = join(folder, "node_modules", dependency);
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(join(root, "node_modules", dependency), path);
}
