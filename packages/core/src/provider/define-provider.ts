import type { StandardSchemaV1 } from "@standard-schema/spec";
import { WarmpoolError } from "../model/error.js";
import type { Provider } from "./provider.js";

/** A provider as its author writes it: the members of `Provider`, made from parsed options. */
export interface ProviderDefinition<Options extends StandardSchemaV1, Data, Params> {
  /** Name of the provider, unless what `create` returns has one: several instances need names of their own to be told apart. */
  readonly name: string;
  /** A Standard Schema (zod, valibot, arktype, …) for the options. It must validate synchronously. */
  readonly options: Options;
  /** Makes the provider from options that passed the schema. */
  create(
    options: StandardSchemaV1.InferOutput<Options>,
  ): Omit<Provider<Data, Params>, "name"> & { readonly name?: string | undefined };
}

/**
 * Defines a kind of provider: a function from its options to a `Provider`, with every type inferred. The parsed options
 * become its `spec` (resources made from other options are replaced) unless it brings its own.
 *
 * ```ts
 * export const rackProvider = defineProvider({
 *   name: "rack",
 *   options: z.object({ host: z.string() }),
 *   create: ({ host }) => ({ async allocate({ key }) { … }, async delete({ key }) { … } }),
 * });
 * ```
 *
 * The returned function throws `INVALID_OPTIONS` with each problem and its path.
 */
export function defineProvider<Options extends StandardSchemaV1, Data, Params = void>(
  definition: ProviderDefinition<Options, Data, Params>,
): (options: StandardSchemaV1.InferInput<Options>) => Provider<Data, Params> {
  return (options) => {
    const result = definition.options["~standard"].validate(options);
    if (result instanceof Promise) {
      throw invalid(definition.name, [
        { path: "options", problem: "the schema validates asynchronously; it must not" },
      ]);
    }
    if (result.issues !== undefined) {
      const problems = result.issues.map((issue) => ({ path: pathOf(issue), problem: issue.message }));
      throw invalid(definition.name, problems);
    }
    const parsed = result.value as StandardSchemaV1.InferOutput<Options>;
    const provider = definition.create(parsed);
    // The members stay on the object that `create` made: its methods may use `this`.
    return Object.assign(provider, { name: provider.name ?? definition.name, spec: provider.spec ?? parsed });
  };
}

function pathOf(issue: StandardSchemaV1.Issue): string {
  const keys = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
  return keys.length === 0 ? "options" : keys.join(".");
}

function invalid(name: string, problems: { path: string; problem: string }[]): WarmpoolError<"INVALID_OPTIONS"> {
  const lines = problems.map(({ path, problem }) => `${path}: ${problem}`);
  return new WarmpoolError("INVALID_OPTIONS", `Options of provider "${name}": ${lines.join("; ")}`, {
    details: { problems },
  });
}
