import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

export interface Bundled {
  readonly bytes: number;
  readonly gzipped: number;
  /** What of it is loaded at the start, if the bundler puts apart what is imported later. */
  readonly startGzipped: number;
}

/** What a program becomes, minified: in one file, and in several. */
export async function bundle(folder: string, program: string): Promise<Bundled> {
  const options = {
    stdin: { contents: program, resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    platform: "node",
    format: "esm",
    target: "node22",
    logLevel: "error",
    outdir: folder,
  } as const;
  const whole = (await build(options)).outputFiles[0]!.contents;
  const { outputFiles, metafile } = await build({ ...options, splitting: true, metafile: true });
  const atStart = new Set<string>();
  const load = (file: string): void => {
    atStart.add(resolve(file));
    for (const { path, kind, external } of metafile.outputs[file]!.imports) {
      if (kind === "import-statement" && external !== true && !atStart.has(resolve(path))) load(path);
    }
  };
  load(Object.keys(metafile.outputs).find((file) => metafile.outputs[file]!.entryPoint === "<stdin>")!);
  const started = outputFiles.filter(({ path }) => atStart.has(path)).map(({ contents }) => gzipped(contents));
  return { bytes: whole.length, gzipped: gzipped(whole), startGzipped: started.reduce((sum, bytes) => sum + bytes, 0) };
}

function gzipped(contents: Uint8Array): number {
  return gzipSync(contents, { level: 9 }).length;
}
