import { createHash } from "node:crypto";
import { type Duration, nearest, tryDurationMs, WarmpoolError } from "@warmpool/core";
import { isLabel } from "./labels.js";
import type { BootVolume, OpenStackAuth, OpenStackOptions, ServerFields } from "./options.js";
import type { ReadyWhen } from "./ready-when.js";

/** Options that were parsed: times in milliseconds, defaults in place. */
export interface Settings {
  readonly name: string;
  readonly cloud: string | undefined;
  readonly auth: OpenStackAuth | undefined;
  readonly region: string | undefined;
  readonly interface: OpenStackOptions["interface"] | undefined;
  readonly fields: ServerFields;
  readonly floatingIp: string | undefined;
  readonly readyWhen: ReadyWhen | undefined;
  readonly reset: "rebuild" | "reboot" | false;
  readonly suspend: "shelve" | "stop";
  readonly pollIntervalMs: number;
  readonly requestTimeoutMs: number;
  readonly bootTimeoutMs: number;
  readonly settlesWithinMs: number;
  readonly spec: string;
}

/** What is wrong with a value, behind its name and "must be". */
type Check = (value: unknown) => string | undefined;

const text: Check = (value) => (typeof value === "string" && value !== "" ? undefined : "a text that is not empty");
const flag: Check = (value) => (typeof value === "boolean" ? undefined : "true or false");
const texts: Check = (value) =>
  Array.isArray(value) && value.length > 0 && value.every((item) => text(item) === undefined)
    ? undefined
    : "an array of texts that are not empty";
const record: Check = (value) =>
  isRecord(value) && Object.values(value).every((item) => typeof item === "string") ? undefined : "an object of texts";
const anything: Check = () => undefined;
const span: Check = (value) =>
  (tryDurationMs(value) ?? 0) > 0 ? undefined : 'longer than 0: milliseconds, or a text such as "30s" or "5m"';
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value) ? undefined : `one of ${values.map((known) => JSON.stringify(known)).join(", ")}`;

const FIELDS: { readonly [Name in keyof Required<ServerFields>]: Check } = {
  image: text,
  flavor: text,
  network: (value) =>
    text(value) === undefined || texts(value) === undefined ? undefined : "a text, or an array of texts",
  bootVolume: (value) => {
    if (!isRecord(value)) return "an object";
    const { sizeGiB, type } = value as Partial<BootVolume>;
    const known = Object.keys(value).every((key) => ["sizeGiB", "type"].includes(key));
    const valid = Number.isInteger(sizeGiB) && (sizeGiB ?? 0) >= 1 && (type === undefined || text(type) === undefined);
    return known && valid ? undefined : "an object with a whole sizeGiB of 1 or more and, if wanted, a type";
  },
  keyName: text,
  securityGroups: texts,
  availabilityZone: text,
  userData: (value) =>
    typeof value === "string" && Buffer.byteLength(value) <= 48 * 1_024 ? undefined : "a text of at most 48 KiB",
  configDrive: flag,
  metadata: (value) => {
    if (record(value) !== undefined) return record(value);
    const entries = Object.entries(value as Record<string, string>);
    if (entries.some(([name]) => isLabel(name))) return "without names that begin with warmpool-: these are ours";
    const fits = entries.every(([name, item]) => /^[\w\-:. ]{1,255}$/.test(name) && item.length <= 255);
    return fits ? undefined : "of names of letters, digits and -_:. and values of at most 255 characters";
  },
  schedulerHints: record,
};

const AUTH: { readonly [Name in keyof Required<OpenStackAuth>]: Check } = {
  authUrl: (value) =>
    typeof value === "string" && /^https?:/.test(value) && URL.canParse(value) ? undefined : "an address",
  username: text,
  userId: text,
  userDomainName: text,
  userDomainId: text,
  password: text,
  projectName: text,
  projectId: text,
  projectDomainName: text,
  projectDomainId: text,
  applicationCredentialId: text,
  applicationCredentialName: text,
  applicationCredentialSecret: text,
  token: text,
};

const OPTIONS: { readonly [Name in keyof Required<OpenStackOptions>]: Check } = {
  ...FIELDS,
  name: text,
  cloud: text,
  auth: (value) => (isRecord(value) ? undefined : "an object"),
  region: text,
  interface: oneOf("public", "internal", "admin"),
  floatingIp: text,
  readyWhen: (value) => {
    const port = isRecord(value) && Object.keys(value).length === 1 ? value["port"] : undefined;
    const valid =
      typeof value === "function" || (Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65_535);
    return valid ? undefined : "a function, or { port } from 1 to 65535";
  },
  reset: oneOf("rebuild", "reboot", false),
  suspend: oneOf("shelve", "stop"),
  pollInterval: span,
  requestTimeout: span,
  bootTimeout: span,
  settlesWithin: span,
  spec: anything,
};

/** Everything that `openStackProvider` can be told. */
export const OPTION_NAMES: readonly string[] = Object.keys(OPTIONS);

interface Problem {
  readonly path: string;
  readonly problem: string;
}

/** @throws {WarmpoolError} `INVALID_OPTIONS` with every problem and its path. No value is told: it may be a secret. */
export function parseOptions(options: OpenStackOptions): Settings {
  const problems = problemsOf(options, OPTIONS, "");
  const { auth } = options;
  if (isRecord(auth)) {
    problems.push(...problemsOf(auth, AUTH, "auth."));
    if (auth["authUrl"] === undefined) problems.push({ path: "auth.authUrl", problem: "is required" });
    if (options.cloud !== undefined) problems.push({ path: "cloud", problem: "is in place of auth: give one of them" });
  }
  if (problems.length > 0) throw invalid(`Options of provider "${String(options.name ?? "openstack")}"`, problems);
  const fields = Object.fromEntries(
    Object.keys(FIELDS).flatMap((name) => {
      const value = options[name as keyof ServerFields];
      return value === undefined ? [] : [[name, value]];
    }),
  ) as ServerFields;
  return {
    name: options.name ?? "openstack",
    cloud: options.cloud,
    auth,
    region: options.region,
    interface: options.interface,
    fields,
    floatingIp: options.floatingIp,
    readyWhen: options.readyWhen,
    reset: options.reset ?? "rebuild",
    suspend: options.suspend ?? "shelve",
    pollIntervalMs: ms(options.pollInterval ?? "2s"),
    requestTimeoutMs: ms(options.requestTimeout ?? "60s"),
    bootTimeoutMs: ms(options.bootTimeout ?? "30m"),
    settlesWithinMs: ms(options.settlesWithin ?? "5m"),
    spec: digest([fields, options.floatingIp, options.cloud, options.region, options.spec]),
  };
}

/** @returns What is wrong with a pool's parameters, a sentence; `undefined`: nothing. */
export function whatIsWrongWith(params: unknown): string | undefined {
  if (params === undefined || params === null) return undefined;
  if (!isRecord(params)) return "params must be an object.";
  const problems = problemsOf(params, FIELDS, "params.");
  return problems.length === 0 ? undefined : problems.map(({ path, problem }) => `${path}: ${problem}.`).join(" ");
}

function problemsOf(given: object, checks: Readonly<Record<string, Check>>, prefix: string): Problem[] {
  if (!isRecord(given)) return [{ path: "options", problem: "must be an object" }];
  return Object.entries(given).flatMap(([name, value]): Problem[] => {
    if (value === undefined) return [];
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) {
      const meant = nearest(name, Object.keys(checks));
      const hint = meant === undefined ? "" : `. Did you mean ${meant}?`;
      return [{ path: `${prefix}${name}`, problem: `there is no such option${hint}` }];
    }
    const problem = check(value);
    return problem === undefined ? [] : [{ path: `${prefix}${name}`, problem: `must be ${problem}` }];
  });
}

function invalid(what: string, problems: Problem[]): WarmpoolError<"INVALID_OPTIONS"> {
  const lines = problems.map(({ path, problem }) => `${path}: ${problem}${problem.endsWith("?") ? "" : "."}`);
  return new WarmpoolError("INVALID_OPTIONS", `${what}: ${lines.join(" ")}`, { details: { problems } });
}

/** A digest, as user data may have secrets. */
function digest(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}

function ms(duration: Duration): number {
  return tryDurationMs(duration) ?? 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
