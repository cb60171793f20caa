import type { Build } from "./build.js";
import { createBody } from "./create-body.js";
import { type EngineFailure, providerError } from "./failure.js";
import type { Host } from "./host.js";
import { IMAGE_LABEL, PARAMS_LABEL } from "./labels.js";
import type { ContainerOptions, DockerOptions, DockerParams } from "./options.js";
import { buildOf, type DockerSettings, problemsOfParams, problemsOfWhole } from "./parse-options.js";
import { type Secrets, secretsIn } from "./redact.js";
import type { Problem } from "./schema.js";

/** What a pool's containers are made from: the provider's options, and before them the pool's params. */
export class Plan {
  readonly container: ContainerOptions & Pick<DockerOptions, "readyWhen">;
  /** What is asked for. */
  readonly image: string;
  readonly #build: Build | undefined;
  readonly #params: DockerParams | undefined;
  readonly #registry: DockerSettings["registry"];

  constructor(settings: DockerSettings, params: DockerParams | undefined, build: Build | undefined) {
    this.container = together(settings.container, params);
    this.image = build?.tag ?? (this.container.image as string);
    this.#build = build;
    this.#params = params;
    this.#registry = settings.registry;
  }

  /** Resolves when the image is on the host. @throws {NoImage | EngineFailure} */
  async bringImage(host: Host, signal: AbortSignal): Promise<void> {
    if (this.#build !== undefined) return await host.images.built(this.#build, signal);
    await host.images.pulled(this.image, this.container.pull ?? "missing", this.#registry, signal);
  }

  /** @param labels That tell whose it is. */
  body(host: Host, labels: Readonly<Record<string, string>>): object {
    const ours = {
      ...labels,
      [IMAGE_LABEL]: this.image,
      ...(this.#params !== undefined && { [PARAMS_LABEL]: JSON.stringify(this.#params) }),
    };
    return createBody(this.container, { image: this.image, labels: ours, publishOn: host.publishOn });
  }
}

/** The plans of a provider, one for each kind of params. */
export class Plans {
  readonly #settings: DockerSettings;
  readonly #secrets: Secrets;
  readonly #plans = new Map<string, Plan>();

  constructor(settings: DockerSettings, secrets: Secrets) {
    this.#settings = settings;
    this.#secrets = secrets;
  }

  /** @throws {ProviderError} For good: nothing can be made from this. */
  of(params: unknown): Plan {
    const key = JSON.stringify(params) ?? "";
    const known = this.#plans.get(key);
    if (known !== undefined) return known;
    const given = params === undefined || params === null ? undefined : (params as DockerParams);
    const { container, build, name } = this.#settings;
    if (given !== undefined) this.#secrets.hide(secretsIn(given));
    const problems: Problem[] = given === undefined ? [] : problemsOfParams(given);
    if (problems.length === 0) problems.push(...problemsOfWhole(together(container, given)));
    const own = problems.length > 0 || given?.build === undefined ? undefined : buildOf(given, problems);
    if (problems.length > 0) {
      const words = problems.map(({ path, problem }) => `${path}: ${problem}`).join("; ");
      throw providerError(name, `no container can be made from the pool's params: ${words}`, {
        kind: "permanent",
        madeNothing: true,
      });
    }
    const plan = new Plan(this.#settings, given, own ?? build);
    this.#plans.set(key, plan);
    return plan;
  }

  /** Of a container that exists, by its labels. */
  ofLabels(labels: Readonly<Record<string, string>>): Plan {
    const text = labels[PARAMS_LABEL];
    return this.of(text === undefined ? undefined : JSON.parse(text));
  }
}

/** Option by option. */
function together(container: DockerSettings["container"], params: DockerParams = {}): DockerSettings["container"] {
  return Object.fromEntries(Object.entries({ ...container, ...params }).filter(([, value]) => value !== undefined));
}

/** For messages. */
export function wordsOf(error: unknown): string {
  return (error as EngineFailure).words ?? (error as Error).message ?? String(error);
}
