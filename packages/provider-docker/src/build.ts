import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { type ContextFile, digestOf, filesOf } from "./build-context.js";
import type { Engine } from "./engine.js";
import type { BuildOptions } from "./options.js";

const DOCKERFILE = "Dockerfile";

/** The name in the context of a Dockerfile that is given as text. */
const TEXT_FILE = ".warmpool.Dockerfile";

/** Why a build cannot be: for whoever wrote the options. */
export class BadBuild extends Error {}

/** An image to be built: named after its content, so that each host builds it once. */
export class Build {
  /** The image's name. Of `localhost`, so that no engine looks for it at a registry. */
  readonly tag: string;
  readonly #options: BuildOptions;
  readonly #context: string | undefined;
  readonly #files: readonly ContextFile[];

  /** Reads the whole context. @throws {BadBuild} */
  constructor(given: string | BuildOptions) {
    const options = typeof given === "string" ? { context: given } : given;
    const { context, text, dockerfile = DOCKERFILE, args, target } = options;
    if (context === undefined && text === undefined) throw new BadBuild("needs a context or a text");
    if (text !== undefined && options.dockerfile !== undefined) throw new BadBuild("has both a text and a dockerfile");
    this.#options = options;
    this.#context = context === undefined ? undefined : resolve(context);
    if (this.#context !== undefined) {
      if (!statSync(this.#context, { throwIfNoEntry: false })?.isDirectory()) {
        throw new BadBuild(`there is no folder ${this.#context}`);
      }
      if (text === undefined && !statSync(join(this.#context, dockerfile), { throwIfNoEntry: false })?.isFile()) {
        throw new BadBuild(`there is no file ${join(this.#context, dockerfile)}`);
      }
    }
    this.#files = this.#context === undefined ? [] : filesOf(this.#context, dockerfile);
    const sortedArgs = Object.entries(args ?? {}).sort();
    const digest = digestOf(
      this.#context ?? "",
      this.#files,
      text ?? dockerfile,
      text === undefined,
      sortedArgs,
      target,
    );
    this.tag = `localhost/warmpool-build:${digest.slice(0, 40)}`;
  }

  async run(engine: Engine, signal: AbortSignal): Promise<void> {
    const { dockerfile = DOCKERFILE, text, args, target } = this.#options;
    await engine.build(
      await this.#pack(),
      {
        t: this.tag,
        dockerfile: text === undefined ? dockerfile : TEXT_FILE,
        forcerm: true,
        ...(args !== undefined && { buildargs: { ...args } }),
        ...(target !== undefined && { target }),
      },
      signal,
    );
  }

  async #pack(): Promise<NodeJS.ReadableStream> {
    const { text } = this.#options;
    const { default: tar } = await import("tar-fs");
    return tar.pack(this.#context ?? "/", {
      entries: this.#files.map(({ path }) => path),
      // Each is named by itself: a folder must not bring what is in it.
      ignore: () => true,
      map: (header) => ({ ...header, uid: 0, gid: 0, mtime: new Date(0) }),
      finalize: false,
      finish: (pack) => {
        if (text !== undefined) pack.entry({ name: TEXT_FILE }, text);
        pack.finalize();
      },
    });
  }
}
