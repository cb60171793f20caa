import { parseArgs } from "node:util";
import { Failure } from "./failure.js";

export const USAGE = `npm create warmpool-provider [NAME] [-- --folder FOLDER]

Makes a package with a provider for Warmpool, and the conformance suite that proves it.

  NAME               of the package: my-rack is short for warmpool-provider-my-rack;
                     @acme/provider-my-rack is taken as it is. Without, it is asked for
  --folder FOLDER    where it is made; must be empty or not there. Default: the name, without its scope
  --help             prints this
  --version          prints the version
`;

/** What was asked for. */
export type Order =
  | { readonly do: "help" | "version" }
  | { readonly do: "create"; readonly name: string | undefined; readonly folder: string | undefined };

/** @throws {Failure} `USAGE` */
export function parseCommandLine(args: readonly string[]): Order {
  const { values, positionals } = parsed(args);
  if (values.help) return { do: "help" };
  if (values.version) return { do: "version" };
  const [name, ...more] = positionals;
  if (more.length > 0) throw new Failure("USAGE", `There is one name, not ${positionals.length}.\n\n${USAGE}`);
  return { do: "create", name, folder: values.folder };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { folder: { type: "string" }, help: { type: "boolean", short: "h" }, version: { type: "boolean" } },
    });
  } catch (error) {
    // parseArgs says which option it is.
    throw new Failure("USAGE", `${(error as Error).message}\n\n${USAGE}`);
  }
}
