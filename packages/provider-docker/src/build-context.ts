import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import dockerignoreModule from "@balena/dockerignore";

// Its types speak of a member `default`, which it doesn't have.
const dockerignore = dockerignoreModule as unknown as typeof dockerignoreModule.default;

/** A file of a build's context. */
export interface ContextFile {
  /** Relative to the context, with `/` between its parts. */
  readonly path: string;
  readonly kind: "file" | "folder" | "link";
  /** Whether it may be executed, which is all that images keep of the mode. */
  readonly executable: boolean;
}

/** The files that go to the engine, sorted: what `.dockerignore` names stays out, except the Dockerfile itself. */
export function filesOf(context: string, dockerfile: string): ContextFile[] {
  const ignores = ignoredBy(context);
  const files: ContextFile[] = [];
  const visit = (folder: string) => {
    for (const name of readdirSync(join(context, folder)).sort()) {
      const path = folder === "" ? name : `${folder}/${name}`;
      const stats = lstatSync(join(context, path));
      const kind = stats.isDirectory() ? "folder" : stats.isSymbolicLink() ? "link" : "file";
      // Sockets and the like can't be sent.
      if (kind === "file" && !stats.isFile()) continue;
      if (path === dockerfile || !ignores(path)) files.push({ path, kind, executable: (stats.mode & 0o100) !== 0 });
      // A file in an ignored folder may be wanted all the same.
      if (kind === "folder") visit(path);
    }
  };
  visit("");
  return files;
}

/** Tells contexts apart by what is in them: names, contents, and what may be executed; not by times and owners. */
export function digestOf(context: string, files: readonly ContextFile[], ...facts: readonly unknown[]): string {
  const hash = createHash("sha256").update(JSON.stringify(facts));
  for (const { path, kind, executable } of files) {
    hash.update(`\0${JSON.stringify([path, kind, kind === "file" && executable])}\0`);
    if (kind === "file")
      hash.update(
        createHash("sha256")
          .update(readFileSync(join(context, path)))
          .digest(),
      );
    if (kind === "link") hash.update(readlinkSync(join(context, path)));
  }
  return hash.digest("hex");
}

function ignoredBy(context: string): (path: string) => boolean {
  let text: string;
  try {
    text = readFileSync(join(context, ".dockerignore"), "utf8");
  } catch {
    return () => false;
  }
  const ignore = dockerignore({ ignorecase: false }).add(text);
  return (path) => ignore.ignores(path);
}
