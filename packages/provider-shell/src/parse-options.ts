import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { nearest, tryDurationMs, WarmpoolError } from "@warmpool/core";
import { COMMAND_NAMES, type CommandName, type Executable, resolveCommand } from "./command.js";
import { defaultStateDirectory } from "./directory.js";
import { DATA_LIMIT } from "./environment.js";
import type { ShellOptions } from "./options.js";
import type { OutputKind } from "./output.js";

/** Options that were parsed: paths absolute, times in milliseconds, defaults in place. */
export interface ShellSettings {
  readonly name: string;
  readonly resallocPool: string | undefined;
  readonly commands: { readonly [Name in CommandName]?: Executable };
  readonly output: OutputKind;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stateDirectory: string;
  /** Where running scripts are on record. */
  readonly runningDirectory: string;
  readonly logDirectory: string;
  readonly keepLogsMs: number;
  readonly outputLimit: number;
  readonly timeoutsMs: { readonly [Name in CommandName]?: number };
  readonly killAfterMs: number;
  readonly settlesWithinMs: number;
  readonly spec: unknown;
}

const OPTION_NAMES: readonly (keyof ShellOptions)[] = [
  ...COMMAND_NAMES,
  "resallocPool",
  "shell",
  "name",
  "output",
  "env",
  "cwd",
  "stateDirectory",
  "logDirectory",
  "keepLogs",
  "outputLimit",
  "timeouts",
  "killAfter",
  "settlesWithin",
  "spec",
];

/** Node's timers hold no more; beyond it they fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Collects what is wrong, so that all of it is told at once. */
type Complain = (path: string, problem: string) => void;

/**
 * @throws {WarmpoolError} `INVALID_OPTIONS` with every problem and its path.
 */
export function parseOptions(options: ShellOptions): ShellSettings {
  const problems: { path: string; problem: string }[] = [];
  const complain: Complain = (path, problem) => problems.push({ path, problem });

  if (process.platform === "win32") {
    complain("platform", "provider-shell needs process groups, which Windows doesn't have. Run it in WSL");
  }
  complainOfUnknown(options, OPTION_NAMES, "", complain);
  const cwd = resolve(parseText(options.cwd, "cwd", complain) ?? ".");
  if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) complain("cwd", `there is no folder ${cwd}`);
  const env = parseEnv(options.env, complain);
  const stateDirectory = resolve(
    parseText(options.stateDirectory, "stateDirectory", complain) ?? defaultStateDirectory(),
  );
  const logDirectory = parseText(options.logDirectory, "logDirectory", complain);
  const settings: ShellSettings = {
    name: parseText(options.name, "name", complain) ?? "shell",
    resallocPool: parseText(options.resallocPool, "resallocPool", complain),
    commands: parseCommands(options, cwd, env["PATH"] ?? process.env["PATH"] ?? "", complain),
    output: parseOutput(options.output, complain),
    env,
    cwd,
    stateDirectory,
    runningDirectory: join(stateDirectory, "running"),
    logDirectory: logDirectory === undefined ? join(stateDirectory, "logs") : resolve(logDirectory),
    keepLogsMs: parseDuration(options.keepLogs ?? "7d", "keepLogs", Number.MAX_SAFE_INTEGER, complain),
    outputLimit: parseOutputLimit(options.outputLimit, complain),
    timeoutsMs: parseTimeouts(options.timeouts, complain),
    killAfterMs: parseDuration(options.killAfter ?? "5s", "killAfter", LONGEST_TIMER_MS, complain),
    settlesWithinMs: parseDuration(options.settlesWithin ?? 0, "settlesWithin", Number.MAX_SAFE_INTEGER, complain),
    spec: options.spec,
  };
  if (problems.length > 0) {
    const name = typeof options.name === "string" ? options.name : "shell";
    const lines = problems.map(({ path, problem }) => `${path}: ${problem}.`);
    throw new WarmpoolError("INVALID_OPTIONS", `Options of provider "${name}": ${lines.join(" ")}`, {
      details: { problems },
    });
  }
  return settings;
}

function complainOfUnknown(given: object, known: readonly string[], prefix: string, complain: Complain): void {
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    const meant = nearest(key, known);
    complain(`${prefix}${key}`, `there is no such option${meant === undefined ? "" : `. Did you mean ${meant}?`}`);
  }
}

function parseCommands(
  options: ShellOptions,
  cwd: string,
  path: string,
  complain: Complain,
): { [Name in CommandName]?: Executable } {
  if (options.shell !== undefined && typeof options.shell !== "boolean") complain("shell", "must be true or false");
  const commands: { [Name in CommandName]?: Executable } = {};
  for (const name of COMMAND_NAMES) {
    const command = options[name];
    if (command === undefined) {
      if (name === "allocate" || name === "delete") complain(name, "is required");
      continue;
    }
    const resolved = resolveCommand(command, { cwd, path, shell: options.shell === true });
    if ("problem" in resolved) complain(name, resolved.problem);
    else commands[name] = resolved;
  }
  return commands;
}

/** Never says a value: it may be a secret. */
function parseEnv(env: unknown, complain: Complain): Record<string, string> {
  const result: Record<string, string> = {};
  if (env === undefined) return result;
  if (typeof env !== "object" || env === null) {
    complain("env", "must be an object of strings");
    return result;
  }
  for (const [name, value] of Object.entries(env)) {
    // The shell that waits at the gate passes on no others.
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) complain(`env.${name}`, "a name is letters, digits and _");
    else if (name.startsWith("WARMPOOL_")) complain(`env.${name}`, "names that begin with WARMPOOL_ are reserved");
    else if (typeof value !== "string") complain(`env.${name}`, `must be a string, not ${typeof value}`);
    else if (value.includes("\0")) complain(`env.${name}`, "must not contain a NUL character");
    else result[name] = value;
  }
  return result;
}

function parseOutput(output: unknown, complain: Complain): OutputKind {
  if (output === undefined || output === "text") return "text";
  if (output === "json") return "json";
  const isObject = (typeof output === "object" && output !== null) || typeof output === "function";
  if (isObject && "~standard" in output) return output as OutputKind;
  complain("output", 'must be "text", "json" or a Standard Schema');
  return "text";
}

function parseOutputLimit(limit: unknown, complain: Complain): number {
  if (limit === undefined) return 65_536;
  if (Number.isInteger(limit) && (limit as number) >= 1 && (limit as number) <= DATA_LIMIT) return limit as number;
  complain(
    "outputLimit",
    `must be a whole number of bytes from 1 to ${DATA_LIMIT}, which is what a script can be handed`,
  );
  return 1;
}

function parseTimeouts(timeouts: unknown, complain: Complain): { [Name in CommandName]?: number } {
  const result: { [Name in CommandName]?: number } = {};
  if (timeouts === undefined) return result;
  if (typeof timeouts !== "object" || timeouts === null) {
    complain("timeouts", "must be an object of durations by command");
    return result;
  }
  complainOfUnknown(timeouts, COMMAND_NAMES, "timeouts.", complain);
  for (const name of COMMAND_NAMES) {
    const timeout = (timeouts as Record<string, unknown>)[name];
    if (timeout !== undefined) result[name] = parseDuration(timeout, `timeouts.${name}`, LONGEST_TIMER_MS, complain);
  }
  return result;
}

function parseDuration(duration: unknown, path: string, longestMs: number, complain: Complain): number {
  const ms = tryDurationMs(duration);
  if (ms === undefined) {
    complain(path, 'must be milliseconds as a number, or a number with one of the units ms, s, m, h, d, such as "30s"');
  } else if (ms > longestMs) {
    complain(path, "must be at most 24 days");
  }
  return ms ?? 0;
}

function parseText(text: unknown, path: string, complain: Complain): string | undefined {
  if (text === undefined) return undefined;
  if (typeof text === "string" && text !== "" && !text.includes("\0")) return text;
  complain(path, "must be a text that is not empty");
  return undefined;
}
