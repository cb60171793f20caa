import type { Build } from "./build.js";
import type { Engine, RegistryLogin } from "./engine.js";
import { EngineFailure } from "./failure.js";
import { SharedTasks } from "./shared-task.js";

/** For how long an image that was seen on a host is taken to be there, in milliseconds. */
const BELIEVED_MS = 60_000;

/** What stopped an image from being there. */
export class NoImage extends Error {
  readonly failure: EngineFailure | undefined;

  constructor(message: string, failure?: EngineFailure) {
    super(message);
    this.failure = failure;
  }

  /** The registry knows no such image, or doesn't give it to us: trying again changes nothing. */
  get isForGood(): boolean {
    if (this.failure === undefined) return true;
    const { status = 0, words } = this.failure;
    return (
      status >= 400 &&
      /not found|denied|unauthorized|manifest unknown|no basic auth|does not exist|invalid reference/i.test(words)
    );
  }
}

/** The images of one host: each is pulled or built by one request, however many containers wait for it. */
export class Images {
  readonly #engine: Engine;
  readonly #tasks = new SharedTasks();
  readonly #seenAtMs = new Map<string, number>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Resolves when the image is on the host.
   *
   * @throws {NoImage}
   */
  async pulled(
    image: string,
    policy: "missing" | "always" | "never",
    login: RegistryLogin | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const reference = withTag(image);
    if (policy !== "always" && (await this.#has(reference, signal))) return;
    if (policy === "never") throw new NoImage(`there is no image ${image}, and pull is "never"`);
    await this.#tasks.run(`pull ${reference}`, signal, async (signal) => {
      await this.#engine.pull(reference, login, signal).catch((error) => {
        throw error instanceof EngineFailure ? new NoImage(`pulling ${image} failed: ${error.words}`, error) : error;
      });
      this.#seenAtMs.set(reference, performance.now());
    });
  }

  /**
   * Builds an image, unless the host has one of the same content.
   *
   * @throws {NoImage}
   */
  async built(build: Build, signal: AbortSignal): Promise<void> {
    if (await this.#has(build.tag, signal)) return;
    await this.#tasks.run(`build ${build.tag}`, signal, async (signal) => {
      await build.run(this.#engine, signal).catch((error) => {
        throw error instanceof EngineFailure
          ? new NoImage(`building ${build.tag} failed: ${error.words}`, error)
          : error;
      });
      this.#seenAtMs.set(build.tag, performance.now());
    });
  }

  /** It turned out not to be there. */
  forget(): void {
    this.#seenAtMs.clear();
  }

  async #has(reference: string, signal: AbortSignal): Promise<boolean> {
    const seenAtMs = this.#seenAtMs.get(reference);
    if (seenAtMs !== undefined && performance.now() - seenAtMs < BELIEVED_MS) return true;
    return await this.#tasks.run(`look for ${reference}`, signal, async (signal) => {
      const has = await this.#engine.hasImage(reference, signal);
      if (has) this.#seenAtMs.set(reference, performance.now());
      return has;
    });
  }
}

/** Without a tag, an engine would pull every one that there is. */
function withTag(image: string): string {
  return /[:@][^/]*$/.test(image) ? image : `${image}:latest`;
}
