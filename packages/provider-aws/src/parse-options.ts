import { createHash } from "node:crypto";
import { nearest, tryDurationMs, WarmpoolError } from "@warmpool/core";
import * as v from "valibot";
import type { Credentials, Ec2Options, Launch, LaunchRequest, Spreadable } from "./options.js";
import type { ReadyWhen } from "./ready.js";
import { TAG_PREFIX } from "./tags.js";

/** Options that were parsed: times in milliseconds, defaults in place. */
export interface Ec2Settings {
  readonly name: string;
  readonly launchOf: (request: LaunchRequest<unknown>) => Launch;
  /** `[undefined]`: the launch's. */
  readonly instanceTypes: readonly (string | undefined)[];
  /** Where, `[undefined]`: the launch's. */
  readonly places: readonly ({ readonly subnet: string } | { readonly zone: string } | undefined)[];
  readonly spreadTypes: boolean;
  readonly spreadPlaces: boolean;
  /** `undefined`: as the launch says. */
  readonly spot: { readonly onDemand: boolean; readonly maxPrice: string | undefined } | undefined;
  readonly snoozeMs: number;
  readonly userData: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly readyWhen: ReadyWhen | undefined;
  readonly readyWithinMs: number;
  readonly reset: "reboot" | "replace-root-volume" | undefined;
  readonly rebootWithinMs: number;
  readonly hibernates: boolean;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
  readonly profile: string | undefined;
  readonly credentials: Credentials | (() => Promise<Credentials>) | undefined;
  readonly pollEveryMs: number;
  readonly pageSize: number;
  readonly settlesWithinMs: number;
  readonly spec: unknown;
}

const DURATION = 'must be a duration (milliseconds, or a number with one of the units ms, s, m, h, d, such as "30s")';
const duration = v.custom<string | number>((value) => tryDurationMs(value) !== undefined, DURATION);
const span = v.pipe(
  duration,
  v.check((value) => tryDurationMs(value) !== 0, "must be longer than 0"),
);
const text = v.pipe(v.string("must be a text"), v.nonEmpty("must not be empty"));
const names = v.pipe(v.array(text, "must be a list of texts"), v.nonEmpty("must not be empty"));
const isFunction = (value: unknown) => typeof value === "function";
const port = v.custom<number>(
  (value) => Number.isInteger(value) && (value as number) > 0 && (value as number) < 65_536,
  "must be a port, from 1 to 65535",
);

/** An object with these members and no others. */
function object(members: Readonly<Record<string, v.GenericSchema & { readonly message?: unknown }>>): v.GenericSchema {
  const known = Object.keys(members);
  return v.pipe(
    v.custom(isObject, "must be an object"),
    // What is missing is told what it must be.
    v.looseObject(members, ({ path }) => String(members[path?.[0].key as string]?.message)),
    v.rawCheck(({ dataset, addIssue }) => {
      for (const key of Object.keys(dataset.value as object).filter((key) => !known.includes(key))) {
        const near = nearest(key, known);
        const message =
          near === undefined ? "there is no such option" : `there is no such option. Did you mean ${near}?`;
        addIssue({ message, path: [{ type: "unknown", origin: "key", input: undefined, key, value: undefined }] });
      }
    }),
  );
}

const SCHEMAS: { readonly [Name in keyof Ec2Options]-?: v.GenericSchema } = {
  launch: v.custom((value) => isFunction(value) || isObject(value), "must be what RunInstances is told, or a function"),
  instanceTypes: v.optional(names),
  subnets: v.optional(names),
  zones: v.optional(names),
  spread: v.optional(
    v.array(v.picklist(["instanceTypes", "subnets", "zones"], "must be instanceTypes, subnets or zones")),
  ),
  spot: v.optional(
    v.union(
      [v.boolean(), object({ onDemand: v.optional(v.boolean("must be true or false")), maxPrice: v.optional(text) })],
      "must be true, false, or { onDemand, maxPrice }",
    ),
  ),
  snooze: v.optional(duration),
  userData: v.optional(v.string("must be a text")),
  tags: v.optional(v.record(v.string(), v.string("must be a text"), "must be an object of texts")),
  readyWhen: v.optional(
    v.union(
      [
        v.custom(isFunction, ""),
        object({ port, address: v.optional(v.picklist(["public", "private"], 'must be "public" or "private"')) }),
      ],
      "must be { port, address } or a function",
    ),
  ),
  readyWithin: v.optional(span),
  reset: v.optional(v.picklist(["reboot", "replace-root-volume"], 'must be "reboot" or "replace-root-volume"')),
  rebootWithin: v.optional(duration),
  suspend: v.optional(v.picklist(["stop", "hibernate"], 'must be "stop" or "hibernate"')),
  region: v.optional(text),
  endpoint: v.optional(v.pipe(text, v.url("must be a URL"))),
  profile: v.optional(text),
  credentials: v.optional(
    v.custom(
      (value) => isFunction(value) || isCredentials(value),
      "must be { accessKeyId, secretAccessKey } or a function",
    ),
  ),
  name: v.optional(text),
  pollEvery: v.optional(duration),
  pageSize: v.optional(
    v.pipe(
      v.number("must be a number"),
      v.integer("must be a whole number"),
      v.minValue(5, "must be 5 or more"),
      v.maxValue(1_000, "must be 1000 or less"),
    ),
  ),
  settlesWithin: v.optional(span),
  spec: v.optional(v.unknown()),
};

export const OPTION_NAMES: readonly string[] = Object.keys(SCHEMAS);

/** @throws {WarmpoolError} `INVALID_OPTIONS` with every problem and its path. Never says a value: it may be a secret. */
export function parseOptions<Params>(options: Ec2Options<Params>): Ec2Settings {
  const problems: { path: string; problem: string }[] = [];
  const { success, issues } = v.safeParse(object(SCHEMAS), options);
  if (!success) {
    for (const issue of issues) problems.push({ path: v.getDotPath(issue) ?? "options", problem: messageOf(issue) });
  } else {
    problems.push(...contradictions(options));
  }
  if (problems.length > 0) {
    const lines = problems.map(({ path, problem }) => `${path}: ${problem}${problem.endsWith("?") ? "" : "."}`);
    throw new WarmpoolError("INVALID_OPTIONS", `Options of ec2Provider: ${lines.join(" ")}`, { details: { problems } });
  }
  return settingsOf(options);
}

function contradictions<Params>(options: Ec2Options<Params>): { path: string; problem: string }[] {
  const problems: { path: string; problem: string }[] = [];
  const { launch, subnets, zones, tags = {} } = options;
  if (subnets !== undefined && zones !== undefined) {
    problems.push({ path: "zones", problem: "a subnet lies in one zone: say subnets or zones, not both" });
  }
  for (const name of Object.keys(tags)) {
    if (name.startsWith(TAG_PREFIX))
      problems.push({ path: `tags.${name}`, problem: `names that begin with ${TAG_PREFIX} are ours` });
  }
  for (const name of options.spread ?? []) {
    if (options[name] === undefined) problems.push({ path: "spread", problem: `there are no ${name} to spread over` });
  }
  if (typeof launch === "object") {
    for (const name of ["ClientToken", "MinCount", "MaxCount", "DryRun"].filter((name) => name in launch)) {
      problems.push({
        path: `launch.${name}`,
        problem: "one instance is made for each resource, under its key: leave it out",
      });
    }
    if (launch.DisableApiTermination === true) {
      const problem = "a pool must be able to end what it makes: leave it out";
      problems.push({ path: "launch.DisableApiTermination", problem });
    }
    if (options.userData !== undefined && launch.UserData !== undefined) {
      problems.push({ path: "userData", problem: "launch.UserData is there as well: say one of them" });
    }
    if (options.spot !== undefined && launch.InstanceMarketOptions !== undefined) {
      problems.push({ path: "spot", problem: "launch.InstanceMarketOptions is there as well: say one of them" });
    }
  }
  return problems;
}

function settingsOf<Params>(options: Ec2Options<Params>): Ec2Settings {
  const { launch, subnets, zones, spot, spread = [] } = options;
  return {
    name: options.name ?? "ec2",
    launchOf: (typeof launch === "function" ? launch : () => launch) as Ec2Settings["launchOf"],
    instanceTypes: options.instanceTypes ?? [undefined],
    places: subnets?.map((subnet) => ({ subnet })) ?? zones?.map((zone) => ({ zone })) ?? [undefined],
    spreadTypes: spread.includes("instanceTypes"),
    spreadPlaces: (["subnets", "zones"] satisfies Spreadable[]).some((name) => spread.includes(name)),
    spot: spotOf(spot),
    snoozeMs: ms(options.snooze, "5m"),
    userData: options.userData,
    tags: options.tags ?? {},
    readyWhen: options.readyWhen,
    readyWithinMs: ms(options.readyWithin, "15m"),
    reset: options.reset,
    rebootWithinMs: ms(options.rebootWithin, "60s"),
    hibernates: options.suspend === "hibernate",
    region: options.region,
    endpoint: options.endpoint,
    profile: options.profile,
    credentials: options.credentials,
    pollEveryMs: ms(options.pollEvery, "5s"),
    pageSize: options.pageSize ?? 1_000,
    settlesWithinMs: ms(options.settlesWithin, "5m"),
    spec: options.spec ?? digestOf(options),
  };
}

function spotOf(spot: Ec2Options["spot"]): Ec2Settings["spot"] {
  if (spot === undefined || spot === false) return undefined;
  const { onDemand = true, maxPrice } = spot === true ? {} : spot;
  return { onDemand, maxPrice };
}

/** Of everything that instances are made from. A digest, since user data may hold secrets. In which order is no matter. */
function digestOf<Params>({
  launch,
  instanceTypes,
  subnets,
  zones,
  spot,
  userData,
  tags,
  suspend,
}: Ec2Options<Params>): string {
  const made = {
    launch: typeof launch === "function" ? undefined : launch,
    instanceTypes: instanceTypes?.toSorted(),
    subnets: subnets?.toSorted(),
    zones: zones?.toSorted(),
    spot: spot === false ? undefined : spot,
    userData,
    tags,
    hibernates: suspend === "hibernate",
  };
  return createHash("sha256").update(JSON.stringify(made, sorted)).digest("base64url").slice(0, 22);
}

/** Objects with their members in order, so that the same options have the same digest however they are written. */
function sorted(_name: string, value: unknown): unknown {
  if (!isObject(value) || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function ms(given: string | number | undefined, otherwise: string): number {
  return tryDurationMs(given ?? otherwise) as number;
}

function messageOf(issue: v.BaseIssue<unknown>): string {
  return issue.input === undefined && issue.type !== "raw_check" ? `is required: it ${issue.message}` : issue.message;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCredentials(value: unknown): boolean {
  return isObject(value) && typeof value["accessKeyId"] === "string" && typeof value["secretAccessKey"] === "string";
}
