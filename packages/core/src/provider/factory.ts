import type { Provider } from "./provider.js";
import { ProviderError } from "./provider-error.js";

/** A factory as generic-pool, tarn and lightning-pool take it: live objects of this process. */
export interface Factory<T> {
  /** Name of the provider in events and messages. Default: `"factory"`. */
  readonly name?: string;
  /** Makes one. A rejection means that nothing was made: clean up before you reject. */
  create(signal: AbortSignal): T | Promise<T>;
  /** Whether it still works: `false` or a rejection means that it doesn't. */
  validate?(object: T): boolean | Promise<boolean>;
  /** Makes it clean for its next holder. Default: it goes back as it is. */
  reset?(object: T): void | Promise<void>;
  /** Ends it. Repeated until it succeeds. */
  destroy?(object: T): void | Promise<void>;
}

/**
 * Turns a factory of live objects (connections, browsers, parsers) into a provider. They are reused after release
 * unless the pool says otherwise. They cannot outlive the process, so only the memory store takes them.
 */
export function factoryProvider<T>(factory: Factory<T>): Provider<T> {
  const provider: Provider<T> = {
    name: factory.name ?? "factory",
    reuse: true,
    // What a rejected or aborted create makes in the end still reaches us: it is a promise of this process.
    settlesWithin: 0,
    async allocate(_request, { signal }) {
      try {
        return await factory.create(signal);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        const said = error instanceof ProviderError ? error : undefined;
        throw new ProviderError(message, {
          made: "nothing",
          cause: error,
          ...(said !== undefined && { kind: said.kind }),
          ...(said?.retryAfterMs !== undefined && { retryAfterMs: said.retryAfterMs }),
        });
      }
    },
    async delete({ data }) {
      if (data !== undefined) await factory.destroy?.(data);
    },
  };
  if (factory.validate !== undefined) {
    provider.check = async ({ data }) => {
      const healthy = await factory.validate?.(data);
      return {
        status: healthy === false ? "unhealthy" : "healthy",
        ...(healthy === false && { reason: "validate returned false" }),
      };
    };
  }
  if (factory.reset !== undefined) {
    provider.reset = async ({ data }) => {
      await factory.reset?.(data);
    };
  }
  return provider;
}
