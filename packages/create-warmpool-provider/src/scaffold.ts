import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Failure } from "./failure.js";
import type { Names } from "./names.js";

/** Of the packages that a new one depends on, as it writes them in its package.json. */
export interface Versions {
  readonly core: string;
  readonly testing: string;
}

/**
 * Writes a package from the template.
 *
 * @param template The folder of the template.
 * @returns The files, relative to the folder.
 * @throws {Failure} `FOLDER_NOT_EMPTY`: nothing was written; `WRITE_FAILED`: what was written is there.
 */
export function scaffold(template: string, folder: string, names: Names, versions: Versions): string[] {
  try {
    // What somebody has there is never written over.
    if (contentsOf(folder).length > 0) {
      throw new Failure(
        "FOLDER_NOT_EMPTY",
        `The folder ${folder} is not empty, and nothing in it is touched. Name another one: --folder FOLDER.`,
      );
    }
    return filesOf(template).map((path) => {
      const name = fileName(path);
      const target = join(folder, name);
      mkdirSync(dirname(target), { recursive: true });
      const text = fillIn(readFileSync(join(template, path), "utf8"), names, versions);
      // Refuses, if somebody has written it meanwhile.
      writeFileSync(target, text, { flag: "wx" });
      return name;
    });
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure("WRITE_FAILED", `The package could not be written: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

function contentsOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function filesOf(template: string): string[] {
  return readdirSync(template, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(template, join(entry.parentPath, entry.name)))
    .sort();
}

/** npm leaves a `.gitignore` out of a package and reads a `package.json` in it: in the template they begin with `_`. */
function fileName(path: string): string {
  return path.replace(/^_gitignore$/, ".gitignore").replace(/^_package\.json$/, "package.json");
}

/** The template is a package itself, for racks. */
function fillIn(text: string, names: Names, versions: Versions): string {
  return text
    .replaceAll("warmpool-provider-rack", names.package)
    .replaceAll("CORE_VERSION", versions.core)
    .replaceAll("TESTING_VERSION", versions.testing)
    .replaceAll("Rack", names.pascal)
    .replaceAll("rackProvider", `${names.camel}Provider`)
    .replaceAll(/\brack\b/g, names.kebab);
}
