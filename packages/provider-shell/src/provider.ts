import type { StandardSchemaV1 } from "@standard-schema/spec";
import {
  type AllocateRequest,
  type CallContext,
  type Found,
  type JsonValue,
  type Listed,
  type Provider,
  ProviderError,
  parseKey,
  type ResourceRef,
} from "@warmpool/core";
import type { CommandName } from "./command.js";
import type { CallFacts } from "./environment.js";
import { findingOfExit, meaningOfExit } from "./exit-code.js";
import { BadLine, namedListing, parseListing } from "./listing.js";
import type { SchemaData, ShellOptions } from "./options.js";
import { came, Output } from "./output.js";
import { parseOptions, type ShellSettings } from "./parse-options.js";
import { createRedact, redactionMargin } from "./redact.js";
import { ScriptLogs } from "./script-log.js";
import { describeExit, type Ending, NotStarted, ScriptRunner, withWords } from "./script-runner.js";

/** A listing is never handed to a script, and may be long: some 400,000 keys. In bytes. */
const LIST_LIMIT = 16 * 1_024 * 1_024;

/** `check` exits with it, or with 175, to say that it can't tell. */
const CANNOT_TELL = "transient";

/**
 * A provider that runs executables: scripts in any language, written for Warmpool or for resalloc.
 *
 * ```ts
 * const provider = shellProvider({ allocate: "./start.sh", check: "./check.sh", delete: "./stop.sh" });
 * ```
 *
 * A script learns what it is about from its environment (`WARMPOOL_KEY`, …), prints data to stdout and says how it went
 * by its exit code. It runs in a process group of its own, which is ended when the call must end.
 *
 * @typeParam Data What `allocate` prints, with `output: "json"`: `shellProvider<Vm>({ …, output: "json" })`. Nothing
 *   checks it; a schema does.
 * @typeParam Params What a pool says about the things it wants: JSON, in `WARMPOOL_PARAMS`.
 * @throws {WarmpoolError} `INVALID_OPTIONS`: an option that doesn't exist, a script that isn't there or not executable.
 */
export function shellProvider<Params = void>(options: ShellOptions<"text">): Provider<string, Params>;
export function shellProvider<Data = JsonValue, Params = void>(
  options: ShellOptions<"json"> & { readonly output: "json" },
): Provider<Data, Params>;
export function shellProvider<Schema extends StandardSchemaV1, Params = void>(
  options: ShellOptions<Schema> & { readonly output: Schema },
): Provider<SchemaData<Schema>, Params>;
export function shellProvider(options: ShellOptions): Provider<unknown, unknown> {
  const settings = parseOptions(options);
  const shell = new Shell(settings);
  const { commands, spec } = settings;
  const provider: Provider<unknown, unknown> = {
    name: settings.name,
    settlesWithin: settings.settlesWithinMs,
    ...(spec !== undefined && { spec }),
    allocate: (request, context) => shell.allocate(request, context),
    delete: (ref, context) => shell.delete(ref, context),
  };
  if (commands.check !== undefined) provider.check = (made, context) => shell.check(made, context);
  if (commands.reset !== undefined) provider.reset = (made, context) => shell.reset(made, context);
  if (commands.list !== undefined) provider.list = (context) => shell.list(context);
  if (commands.find !== undefined) provider.find = (key, context) => shell.find(key, context);
  return provider;
}

/** The calls of a provider, as scripts: what each is told and what its exit means. */
class Shell {
  readonly #settings: ShellSettings;
  readonly #output: Output;
  readonly #redact: (text: string) => string;
  readonly #logs: ScriptLogs;
  readonly #runner: ScriptRunner;

  constructor(settings: ShellSettings) {
    this.#settings = settings;
    this.#output = new Output(settings.output);
    this.#redact = createRedact(settings.env);
    this.#logs = new ScriptLogs({
      directory: settings.logDirectory,
      keepMs: settings.keepLogsMs,
      redact: this.#redact,
      redactionMargin: redactionMargin(settings.env),
    });
    this.#runner = new ScriptRunner(settings, this.#logs);
  }

  async allocate(
    { key, id, pool, slot, counters, params, tags }: AllocateRequest<unknown>,
    context: CallContext,
  ): Promise<unknown> {
    const facts: CallFacts = {
      command: "allocate",
      epoch: context.epoch,
      key,
      id,
      pool,
      slot,
      counters,
      namespace: tags.namespace,
      installation: tags.installation,
      expiresAtMs: tags.expiresAtMs,
      params: this.#encodeParams(params),
    };
    const ending = await this.#runner.run(facts, context, this.#settings.outputLimit);
    if (ending.exitCode !== 0) throw this.#failed(`allocate of ${key}`, "allocate", ending);
    return this.#data(`allocate of ${key}`, ending);
  }

  async delete(ref: ResourceRef, context: CallContext): Promise<void> {
    const ending = await this.#runner.run(this.#factsOf("delete", ref, context), context);
    if (ending.exitCode !== 0 && !(await this.#isUnlisted(ref.key, context))) {
      throw this.#failed(`delete of ${ref.key}`, "delete", ending);
    }
    await this.#logs.tidy(Date.now());
  }

  /** resalloc never looked at how its scripts exit from a delete: what counts is what they list. */
  async #isUnlisted(key: string, context: CallContext): Promise<boolean> {
    const { resallocPool, commands } = this.#settings;
    if (resallocPool === undefined || commands.list === undefined) return false;
    const listed = await this.#listed(context).catch(() => undefined);
    return listed !== undefined && !listed.some((entry) => entry.key === key);
  }

  async check(made: ResourceRef, context: CallContext) {
    let ending: Ending;
    try {
      ending = await this.#runner.run(this.#factsOf("check", made, context), context);
    } catch (error) {
      // A script that is missing says nothing about the resource.
      if (error instanceof NotStarted) return { status: "unknown", reason: error.message } as const;
      throw error;
    }
    if (ending.exitCode === 0) return { status: "healthy" } as const;
    const status = meaningOfExit(ending.exitCode).kind === CANNOT_TELL ? "unknown" : "unhealthy";
    return { status, reason: ending.lastWords === "" ? describeExit(ending) : ending.lastWords } as const;
  }

  async reset(made: ResourceRef, context: CallContext): Promise<void> {
    const ending = await this.#runner.run(this.#factsOf("reset", made, context), context);
    if (ending.exitCode !== 0) throw this.#failed(`reset of ${made.key}`, "reset", ending);
  }

  async find(key: string, context: CallContext): Promise<Found<unknown>> {
    const facts: CallFacts = { command: "find", ...own(context), key, id: parseKey(key)?.id };
    const ending = await this.#runner.run(facts, context, this.#settings.outputLimit);
    const status = findingOfExit(ending.exitCode);
    switch (status) {
      case "absent":
        return { status };
      case "ready":
        return { status, data: await this.#data(`find of ${key}`, ending) };
      case "pending":
        return { status, ...(await this.#dataIfAny(ending)) };
      case "broken":
        return {
          status,
          ...(await this.#dataIfAny(ending)),
          ...(ending.lastWords !== "" && { reason: ending.lastWords }),
        };
      case undefined:
        throw this.#failed(`find of ${key}`, "find", ending);
    }
  }

  async *list(context: CallContext): AsyncGenerator<Listed<unknown>> {
    yield* await this.#listed(context);
  }

  async #listed(context: CallContext): Promise<Listed<unknown>[]> {
    const ending = await this.#runner.run({ command: "list", ...own(context) }, context, LIST_LIMIT);
    if (ending.exitCode !== 0) throw this.#failed("list", "list", ending);
    // Decoded as it comes: a key that isn't UTF-8 is none of ours.
    const text = Buffer.from(ending.stdout).toString("utf8");
    try {
      const listed = await parseListing(text, this.#output, context.logger);
      const { resallocPool } = this.#settings;
      return resallocPool === undefined ? listed : namedListing(listed, resallocPool);
    } catch (error) {
      if (!(error instanceof BadLine)) throw error;
      throw this.#error(`list ${error.message}, but printed ${came(error.line, this.#redact)}.`);
    }
  }

  #factsOf(
    command: CommandName,
    { key, id, pool, slot, counters, data }: ResourceRef,
    { epoch }: CallContext,
  ): CallFacts {
    const encoded = data === undefined ? undefined : this.#output.encode(data);
    return { command, epoch, key, id, pool, slot, counters, data: encoded, dataIsText: this.#output.isText };
  }

  #encodeParams(params: unknown): string | undefined {
    try {
      return JSON.stringify(params);
    } catch (error) {
      throw this.#error("allocate was not started: its params are not JSON.", {
        kind: "permanent",
        made: "nothing",
        cause: error,
      });
    }
  }

  async #data(what: string, { stdout }: Ending): Promise<unknown> {
    const parsed = await this.#output.parse(stdout);
    if ("data" in parsed) return parsed.data;
    const text = Buffer.from(stdout).toString("utf8");
    throw this.#error(`${what} should have printed ${parsed.expected}, but printed ${came(text, this.#redact)}.`);
  }

  /** The data of what isn't ready: worth having, no fault if it isn't there. */
  async #dataIfAny({ stdout }: Ending): Promise<{ data?: unknown }> {
    if (stdout.length === 0) return {};
    const parsed = await this.#output.parse(stdout);
    return "data" in parsed ? { data: parsed.data } : {};
  }

  #failed(what: string, command: CommandName, ending: Ending): ProviderError {
    const { kind, madeNothing } = meaningOfExit(ending.exitCode);
    const words = withWords(ending.lastWords, ending.logPath);
    return this.#error(`${what} failed: ${describeExit(ending)}. ${words}`, {
      kind,
      ...(command === "allocate" && madeNothing && { made: "nothing" }),
    });
  }

  #error(message: string, options: ConstructorParameters<typeof ProviderError>[1] = {}): ProviderError {
    return new ProviderError(message, { provider: this.#settings.name, ...options });
  }
}

/** What a script is told when it is asked about no resource that we have at hand. */
function own({ epoch, namespace, installation }: CallContext): Pick<CallFacts, "epoch" | "namespace" | "installation"> {
  return { epoch, namespace, installation };
}
