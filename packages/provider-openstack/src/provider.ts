import {
  type CallContext,
  type Found,
  type Health,
  type Listed,
  type Made,
  type Provider,
  ProviderError,
} from "@warmpool/core";
import { allocate } from "./allocate.js";
import { check } from "./check.js";
import { OpenStackError } from "./client/error.js";
import { type Connection, Connector } from "./connection.js";
import type { OpenStackServer } from "./data.js";
import { Failures } from "./failure.js";
import { find } from "./find.js";
import { list } from "./list.js";
import type { OpenStackOptions, ServerFields } from "./options.js";
import { parseOptions } from "./parse-options.js";
import type { Polling } from "./poll.js";
import { resume, suspend } from "./put-away.js";
import { remove } from "./remove.js";
import { reset } from "./reset.js";

/** A provider of servers, which can be put away for a while as well. */
export interface OpenStackProvider<Params = void> extends Provider<OpenStackServer, Params> {
  /** Whether a server runs, as Nova knows it. */
  check(made: Made<OpenStackServer>, context: CallContext<OpenStackServer>): Promise<Health<OpenStackServer>>;
  /** What exists under a key: a server, or what is left of one. */
  find(key: string, context: CallContext<OpenStackServer>): Promise<Found<OpenStackServer>>;
  /** All servers that bear our labels, and what is left of some. */
  list(context: CallContext<OpenStackServer>): AsyncGenerator<Listed<OpenStackServer>>;
  /** Puts a server away so that it costs less: shelved or stopped, as `suspend` of the options says. */
  suspend(made: Made<OpenStackServer>, context: CallContext<OpenStackServer>): Promise<void>;
  /** Brings back a server that was put away, and waits until it is ready. */
  resume(made: Made<OpenStackServer>, context: CallContext<OpenStackServer>): Promise<OpenStackServer>;
}

/**
 * A provider of OpenStack servers: Nova's, with floating IPs of Neutron's, in the project that `clouds.yaml`, the
 * variables `OS_…` or `auth` name.
 *
 * ```ts
 * const provider = openStackProvider({ cloud: "ci", image: "debian-13", flavor: "m1.small", readyWhen: { port: 22 } });
 * ```
 *
 * @typeParam Params What a pool says about the servers it wants: `openStackProvider<{ flavor: string }>({ … })`. Default:
 *   nothing, the options say it all.
 * @throws {WarmpoolError} `INVALID_OPTIONS`: an option that doesn't exist or cannot be.
 */
export function openStackProvider<Params extends ServerFields | void = void>(
  options: OpenStackOptions = {},
): OpenStackProvider<Params> {
  const settings = parseOptions(options);
  const failures = new Failures(settings.name);
  const connector = new Connector(settings);

  /** What a call fails with, in the engine's words. */
  function failed(what: string, error: unknown): unknown {
    const cause = error instanceof ProviderError ? error.cause : error;
    if (cause instanceof OpenStackError && cause.status === 401) connector.forget();
    return failures.of(what, error);
  }

  async function call<T>(
    what: string,
    { signal }: CallContext<OpenStackServer>,
    run: (connection: Connection, polling: Polling) => Promise<T>,
  ): Promise<T> {
    try {
      signal.throwIfAborted();
      return await run(await connector.connect(), { intervalMs: settings.pollIntervalMs, signal });
    } catch (error) {
      throw failed(what, error);
    }
  }

  const provider: OpenStackProvider<Params> = {
    name: settings.name,
    settlesWithin: settings.settlesWithinMs,
    spec: settings.spec,
    allocate: (request, context) =>
      allocate({ connector, settings, failures }, request, context).catch((error) => {
        throw failed(`allocate of ${request.key}`, error);
      }),
    delete: ({ key, data }, context) =>
      call(`delete of ${key}`, context, (connection, polling) => remove(connection, key, data, polling)),
    async check({ key, data }, context) {
      try {
        return await call(`check of ${key}`, context, (connection, { signal }) => check(connection, data, signal));
      } catch (error) {
        // That we may not ask, say, is no fault of the server.
        if (!(error instanceof ProviderError && error.kind === "permanent")) throw error;
        return { status: "unknown", reason: error.message };
      }
    },
    find: (key, context) =>
      call(`find of ${key}`, context, (connection, { signal }) => find(connection, settings, key, signal)),
    async *list(context) {
      const connection = await call("list", context, async (connected) => connected);
      try {
        yield* list(connection, context.signal);
      } catch (error) {
        throw failed("list", error);
      }
    },
    suspend: ({ key, data }, context) =>
      call(`suspend of ${key}`, context, (connection, polling) => suspend(connection, settings, data, polling)),
    resume: ({ key, data }, context) =>
      call(`resume of ${key}`, context, (connection, polling) => resume(connection, settings, data, polling)),
  };
  if (settings.reset !== false) {
    provider.reset = ({ key, data }, context) =>
      call(`reset of ${key}`, context, (connection, polling) => reset(connection, settings, data, polling));
  }
  return provider;
}
