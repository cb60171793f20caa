import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const NAME = "sqlite-worker.js";

/**
 * The file that the SQLite thread starts from: one ES module without imports of its own, the same for applications in
 * ESM and in CommonJS.
 *
 * @throws {Error} when a bundler left it out.
 */
export function workerFile(): URL {
  const found = candidates().find((url) => url.protocol === "file:" && existsSync(url));
  if (found !== undefined) return found;
  throw new Error(
    `its thread's file ${NAME} is missing beside this module: a bundler left it out. Keep @warmpool/core out of the ` +
      `bundle ("external"), or copy node_modules/@warmpool/core/dist/${NAME} beside it`,
  );
}

function candidates(): URL[] {
  return [
    // In this very form bundlers know it, and bring the file along.
    () => new URL("./sqlite-worker.js", import.meta.url),
    // In CommonJS `import.meta.url` is missing, or wrong for paths with a "#".
    () => pathToFileURL(join(__dirname, NAME)),
    // Inside a bundle whose packages are still installed, and from this package's sources once it was built.
    () => installed(import.meta.url),
    () => installed(pathToFileURL(join(process.cwd(), "index.js")).href),
  ].flatMap((candidate) => {
    try {
      return [candidate()];
    } catch {
      // Not this kind of module, or not installed there.
      return [];
    }
  });
}

function installed(from: string): URL {
  const module = createRequire(fileURLToPath(from)).resolve("@warmpool/core/sqlite");
  return new URL(NAME, pathToFileURL(module));
}
