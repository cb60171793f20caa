import { parseKey } from "@warmpool/core";
import type { CommandName } from "./command.js";
import { resallocName } from "./resalloc-name.js";

/** What a script is told. */
export interface CallFacts {
  readonly command: CommandName;
  readonly epoch: number;
  readonly key?: string;
  readonly id?: number | undefined;
  readonly pool?: string;
  readonly slot?: number;
  readonly counters?: Readonly<Record<string, number>> | undefined;
  readonly namespace?: string;
  readonly installation?: string | undefined;
  readonly expiresAtMs?: number | undefined;
  /** JSON. */
  readonly params?: string | undefined;
  /** As `Output.encode` makes it. */
  readonly data?: string | undefined;
  /** Whether `data` is what the script printed, or JSON. */
  readonly dataIsText?: boolean;
}

/**
 * How many bytes of data a script can be handed. Linux allows a variable 128 KiB, and resalloc's is base64, which makes
 * four bytes of three.
 */
export const DATA_LIMIT = 92_160;

/** All of ours. They are taken out of the inherited environment: a manager may itself run in a script of another. */
const NAMES = [
  "WARMPOOL_COMMAND",
  "WARMPOOL_KEY",
  "WARMPOOL_ID",
  "WARMPOOL_POOL",
  "WARMPOOL_SLOT",
  "WARMPOOL_NAMESPACE",
  "WARMPOOL_INSTALLATION",
  "WARMPOOL_EPOCH",
  "WARMPOOL_EXPIRES_AT",
  "WARMPOOL_PARAMS",
  "WARMPOOL_DATA",
  "RESALLOC_ID",
  "RESALLOC_NAME",
  "RESALLOC_POOL_ID",
  "RESALLOC_ID_IN_POOL",
  "RESALLOC_RESOURCE_DATA",
] as const;

/** Followed by the name of a counter. */
const COUNTER_PREFIXES = ["WARMPOOL_COUNTER_", "RESALLOC_NAMED_COUNTER_"] as const;

type Name = (typeof NAMES)[number];

/**
 * The whole environment of a script: inherited, then the `env` option, then what this call is about.
 *
 * @param resallocPool The option.
 */
export function environmentOf(
  facts: CallFacts,
  inherited: Readonly<Record<string, string | undefined>>,
  env: Readonly<Record<string, string>>,
  resallocPool?: string,
): Record<string, string> {
  const ours: Partial<Record<Name, string | undefined>> = {
    ...warmpoolVariables(facts),
    ...resallocVariables(facts, env, resallocPool),
  };
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(inherited)) {
    if (value !== undefined && !COUNTER_PREFIXES.some((prefix) => name.startsWith(prefix))) result[name] = value;
  }
  Object.assign(result, env, counterVariables(facts));
  for (const name of NAMES) {
    const value = ours[name];
    if (value === undefined) delete result[name];
    else result[name] = value;
  }
  return result;
}

/** Names of variables are letters, digits and `_`; names of counters are any. */
function counterVariables({ counters = {} }: CallFacts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(counters).flatMap(([name, number]) =>
      COUNTER_PREFIXES.map((prefix) => [prefix + name.replace(/\W/g, "_"), String(number)]),
    ),
  );
}

function warmpoolVariables(facts: CallFacts): Partial<Record<Name, string | undefined>> {
  return {
    WARMPOOL_COMMAND: facts.command,
    WARMPOOL_KEY: facts.key,
    WARMPOOL_ID: text(facts.id),
    WARMPOOL_POOL: facts.pool,
    WARMPOOL_SLOT: text(facts.slot),
    WARMPOOL_NAMESPACE: facts.namespace,
    WARMPOOL_INSTALLATION:
      facts.installation ?? (facts.key === undefined ? undefined : parseKey(facts.key)?.installation),
    WARMPOOL_EPOCH: text(facts.epoch),
    WARMPOOL_EXPIRES_AT: facts.expiresAtMs === undefined ? undefined : new Date(facts.expiresAtMs).toISOString(),
    WARMPOOL_PARAMS: facts.params,
    WARMPOOL_DATA: facts.data,
  };
}

/** resalloc writes the word "None" where it has no value. What `env` says comes before that. */
function resallocVariables(
  facts: CallFacts,
  env: Readonly<Record<string, string>>,
  resallocPool: string | undefined,
): Partial<Record<Name, string | undefined>> {
  const orNone = (name: Name, value: string | undefined, none = "None") => value ?? env[name] ?? none;
  // Its scripts list what begins with the name of their pool: for ours, the keys of our installation.
  const noPool = facts.command === "list" ? `wp-${facts.installation}` : "None";
  return {
    RESALLOC_ID: orNone("RESALLOC_ID", text(facts.id)),
    RESALLOC_NAME: orNone("RESALLOC_NAME", facts.key === undefined ? undefined : resallocName(facts.key, resallocPool)),
    RESALLOC_POOL_ID: resallocPool ?? orNone("RESALLOC_POOL_ID", facts.pool, noPool),
    RESALLOC_ID_IN_POOL: orNone("RESALLOC_ID_IN_POOL", text(facts.slot)),
    RESALLOC_RESOURCE_DATA: facts.data === undefined ? undefined : resallocData(facts.data, facts.dataIsText === true),
  };
}

function resallocData(data: string, isText: boolean): string {
  // There, data is whole lines; we take the last line's end off.
  const lines = isText && data !== "" ? `${data}\n` : data;
  return Buffer.from(lines).toString("base64");
}

function text(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}
