import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

export type Built = "warmpool" | "baseline";
/** The public parts of the core that are measured. */
type Subpath = "." | "./sqlite" | "./keyv";

/** Where the packages of each build are, for children too. */
const VARIABLES: Record<Built, string> = { warmpool: "WARMPOOL_BUILT", baseline: "WARMPOOL_BASELINE" };

export function setBuild(name: Built, folder: string): void {
  process.env[VARIABLES[name]] = folder;
}

/** The folder of a build's `@warmpool/core`. */
export function coreFolder(name: Built): string {
  return join(folderOf(name), "packages/core");
}

function folderOf(name: Built): string {
  const folder = process.env[VARIABLES[name]];
  if (folder === undefined) throw new Error(`There is no build ${name}: ${VARIABLES[name]} is not set.`);
  return folder;
}

/** The store of a build, on the core of that build. */
export async function loadPostgres(name: Built): Promise<typeof import("@warmpool/store-postgres")> {
  return await import(pathToFileURL(join(folderOf(name), "packages/store-postgres/dist/index.js")).href);
}

/** The file that `import "@warmpool/core/…"` means in a build; `undefined` if it has no such part. */
function fileOf(name: Built, subpath: Subpath): string | undefined {
  const folder = coreFolder(name);
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file: string | undefined = exports[subpath]?.import?.default;
  return file === undefined ? undefined : pathToFileURL(join(folder, file)).href;
}

export async function load(name: Built, subpath: "."): Promise<typeof import("@warmpool/core")>;
export async function load(name: Built, subpath: "./sqlite"): Promise<typeof import("@warmpool/core/sqlite")>;
export async function load(name: Built, subpath: "./keyv"): Promise<typeof import("@warmpool/core/keyv")>;
export async function load(name: Built, subpath: Subpath): Promise<unknown> {
  const file = fileOf(name, subpath);
  if (file === undefined) throw new Error(`The build ${name} has no ${subpath}.`);
  return await import(file);
}
