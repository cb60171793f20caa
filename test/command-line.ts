import process from "node:process";
import { type ParseArgsConfig, parseArgs } from "node:util";

/** What a command was told; one that was told nonsense says so, says what it can be told, and ends with 2. */
export function parseCommandLine<const Options extends ParseArgsConfig["options"]>(usage: string, options: Options) {
  try {
    return parseArgs({ args: process.argv.slice(2), options }).values;
  } catch (error) {
    return refuse((error as Error).message, usage);
  }
}

/** A whole number, 0 or more. */
export function wholeNumber(name: string, text: string, usage: string): number {
  const value = Number(text);
  return text !== "" && Number.isSafeInteger(value) && value >= 0
    ? value
    : refuse(`--${name} must be a whole number`, usage);
}

export function refuse(problem: string, usage: string): never {
  console.error(`${problem}\n\n${usage}`);
  process.exit(2);
}
