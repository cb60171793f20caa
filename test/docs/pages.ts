import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The repository, with a slash at its end. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Every page that people read, relative to the repository. */
export const pages: readonly string[] = [
  ...globSync("*.md", { cwd: root }),
  ...globSync("docs/{adr,guide}/*.md", { cwd: root }),
  ...globSync("packages/*/README.md", { cwd: root }),
  ...globSync("examples/*/README.md", { cwd: root }),
]
  .map((path) => path.replaceAll("\\", "/"))
  .sort();
