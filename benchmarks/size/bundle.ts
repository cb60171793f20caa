import { gzipSync } from "node:zlib";
import { build } from "esbuild";

export interface Bundled {
  readonly bytes: number;
  readonly gzipped: number;
}

/** What a program becomes in one file, minified. */
export async function bundle(folder: string, program: string): Promise<Bundled> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    platform: "node",
    format: "esm",
    target: "node22",
    logLevel: "error",
  });
  const [file] = outputFiles;
  return { bytes: file!.contents.length, gzipped: gzipSync(file!.contents, { level: 9 }).length };
}
