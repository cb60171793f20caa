import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";

/** What can be run, in the order in which problems are reported. */
export const COMMAND_NAMES = ["allocate", "delete", "check", "reset", "list", "find"] as const;

/** What a command can be given for: the calls of a provider. */
export type CommandName = (typeof COMMAND_NAMES)[number];

/**
 * A file to run, or a file with its arguments. Neither is ever split or seen by a shell: `["./make.sh", "two words"]`
 * hands over one argument. With `shell: true` a string is a line for `/bin/sh`.
 *
 * A name without a slash is looked up in `PATH`; a relative path is taken from `cwd`.
 */
export type Command = string | readonly [file: string, ...args: string[]];

/** A command as the kernel gets it. */
export interface Executable {
  /** Absolute. */
  readonly file: string;
  readonly args: readonly string[];
}

export interface CommandSurroundings {
  /** Absolute. */
  readonly cwd: string;
  readonly shell: boolean;
  readonly path: string;
}

/** A command made absolute, or what is wrong with it and what to do about that. */
export function resolveCommand(
  command: unknown,
  where: CommandSurroundings,
): Executable | { readonly problem: string } {
  if (typeof command === "string" && where.shell) {
    if (command.trim() === "") return { problem: "is empty" };
    return { file: "/bin/sh", args: ["-c", command] };
  }
  const words: readonly unknown[] = Array.isArray(command) ? command : [command];
  if (words.length === 0 || !words.every((word): word is string => typeof word === "string" && !word.includes("\0"))) {
    return { problem: 'must be the path of a file, or an array of strings such as ["./make.sh", "--small"]' };
  }
  const [name = "", ...args] = words;
  if (name === "") return { problem: "is empty" };

  const file = name.includes("/") ? resolve(where.cwd, name) : inPath(name, where.path);
  const hint = typeof command === "string" && /\s/.test(command) ? NEVER_SPLIT : "";
  if (file === undefined) {
    return { problem: `${quote(name)} is in no folder of PATH. A file of your own needs a slash: "./${name}"${hint}` };
  }
  const problem = problemOfFile(file);
  if (problem === undefined) return { file, args };
  const from = isAbsolute(name) ? "" : ` (${quote(name)}, seen from ${where.cwd})`;
  return { problem: `${problem}${from}${hint}` };
}

const NEVER_SPLIT = ". A string is one path and is never split: give arguments as an array, or set shell: true";

/** Why a file cannot be run, or `undefined`. */
export function problemOfFile(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return `there is no file ${file}`;
  if (!stat.isFile()) return `${file} is not a file`;
  if (!mayRun(file)) return `${file} is not executable. Run: chmod +x ${shellQuote(file)}`;
  return undefined;
}

function inPath(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, name))
    .find((file) => problemOfFile(file) === undefined);
}

function mayRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function shellQuote(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
