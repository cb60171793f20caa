import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A piece of a source file, and what takes its place in the bundle. Production code has no switches. */
export interface Replacement {
  /** From `packages/core/src`. */
  readonly file: string;
  /** Must be there exactly once. */
  readonly text: string;
  readonly by: string;
}

/** Shows the simulator each life of an engine, so that it can compare it with the store. */
const probe: Replacement = {
  file: "runtime/life.ts",
  text: "  const life: Life = { engine, session, committer, caller, records, counter: undefined };",
  by: "  const life: Life = { engine, session, committer, caller, records, counter: undefined };\n  (clock as any).lifeBegan?.(life);",
};

/**
 * Bundles the simulator with the core's sources, some of them changed, into a file.
 *
 * @throws If a piece is not there, or more than once: a mutant that changes nothing would prove nothing.
 */
export async function bundle(outfile: string, replacements: readonly Replacement[] = []): Promise<void> {
  const all = [probe, ...replacements];
  const left = new Set(all);
  await build({
    entryPoints: [`${root}packages/testing/src/simulator/index.ts`],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    sourcemap: "inline",
    logLevel: "silent",
    tsconfig: `${root}tsconfig.json`,
    plugins: [replacing(all, left)],
  });
  for (const { file, text } of left)
    throw new Error(`${file} was not bundled: nothing was put in the place of ${text}`);
}

function replacing(all: readonly Replacement[], left: Set<Replacement>): Plugin {
  return {
    name: "replacing",
    setup({ onLoad }) {
      onLoad({ filter: /packages[/\\]core[/\\]src[/\\].*\.ts$/ }, async ({ path }) => {
        let contents = await readFile(path, "utf8");
        const name = path.replaceAll("\\", "/").split("/packages/core/src/")[1];
        for (const replacement of all) {
          if (replacement.file !== name) continue;
          const { text, by } = replacement;
          if (contents.split(text).length !== 2) throw new Error(`${name} does not have this exactly once:\n${text}`);
          contents = contents.replace(text, () => by);
          left.delete(replacement);
        }
        return { contents, loader: "ts" };
      });
    },
  };
}
