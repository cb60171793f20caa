import type { ProviderError } from "@warmpool/core";
import type { DockerContainer } from "./container.js";
import { EngineFailure, providerError } from "./failure.js";
import type { Host } from "./host.js";
import { wordsOf } from "./plan.js";

/** What a provider's callers hear of failures: never an engine's whole answer, and no secret. */
export class Failures {
  readonly #provider: string;

  constructor(provider: string) {
    this.#provider = provider;
  }

  /** Of something that was asked of a host. */
  of(what: string, host: Host, error: unknown, signal: AbortSignal, madeNothing = false): ProviderError {
    if (isOurs(error)) return error;
    if (signal.aborted) return this.error(`${what}: it was aborted`, { kind: "transient", madeNothing });
    const kind = error instanceof EngineFailure ? error.kind : "unknown";
    return this.error(`${what} on host ${host.name}: ${wordsOf(error)}`, { kind, madeNothing });
  }

  /** Of something before which nothing can have been made. */
  nothing(what: string, error: unknown, signal: AbortSignal): ProviderError {
    if (signal.aborted) return this.error(`${what}: it was aborted`, { kind: "transient", madeNothing: true });
    if (isOurs(error)) return this.error(error.message, { kind: error.kind, madeNothing: true });
    const kind = error instanceof EngineFailure ? error.kind : "transient";
    return this.error(`${what}: ${wordsOf(error)}`, { kind, madeNothing: true });
  }

  /** Of a command or a shell in a container. */
  inside({ name, host }: DockerContainer, failure: EngineFailure): ProviderError {
    if (failure.isGone) return this.error(`container ${name} is gone from host ${host}`, { kind: "permanent" });
    if (failure.isNotRunning)
      return this.error(`container ${name} on host ${host} does not run`, { kind: "permanent" });
    return this.error(`nothing could be run in container ${name} on host ${host}: ${failure.words}`, {
      kind: failure.kind,
    });
  }

  error(message: string, options: Parameters<typeof providerError>[2]): ProviderError {
    return providerError(this.#provider, message, options);
  }
}

function isOurs(error: unknown): error is ProviderError {
  return (error as Partial<ProviderError> | undefined)?.code === "PROVIDER_FAILED";
}
