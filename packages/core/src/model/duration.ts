import { WarmpoolError } from "./error.js";

type Unit = "ms" | "s" | "m" | "h" | "d";

/**
 * A length of time in an option: a number of milliseconds, or a number with its unit
 * (`"250ms"`, `"30s"`, `"5m"`, `"2h"`, `"1d"`).
 */
export type Duration = number | `${number}${Unit}`;

const MS_PER: Record<Unit, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** Texts seen before: a caller in a loop passes the same few, and a regular expression a call is dear. */
const parsed = new Map<string, number>();

/**
 * A duration in whole milliseconds, or `undefined` if it is not one (negative, not finite, above 2^53, no known unit).
 */
export function tryDurationMs(duration: unknown): number | undefined {
  if (typeof duration === "number") {
    const ms = Math.round(duration);
    return Number.isSafeInteger(ms) && duration >= 0 ? ms : undefined;
  }
  if (typeof duration !== "string") return undefined;
  const known = parsed.get(duration);
  if (known !== undefined) return known;
  const match = pattern.exec(duration);
  if (match === null) return undefined;
  const ms = Math.round(Number(match[1]) * MS_PER[match[2] as Unit]);
  if (!Number.isSafeInteger(ms)) return undefined;
  if (parsed.size < 1_000) parsed.set(duration, ms);
  return ms;
}

/**
 * A duration in whole milliseconds.
 *
 * @param option The option's name, for the message.
 * @throws {WarmpoolError} `INVALID_OPTIONS` when it is not a duration.
 */
export function durationMs(duration: Duration, option: string): number {
  const ms = tryDurationMs(duration);
  if (ms === undefined) throw invalidDuration(duration, option);
  return ms;
}

/** What every place that parses a duration says about a bad one. */
function invalidDuration(value: unknown, option: string): WarmpoolError<"INVALID_OPTIONS"> {
  return new WarmpoolError(
    "INVALID_OPTIONS",
    `${option}: ${describe(value)} is not a duration. Give milliseconds as a number, or a number with one of the units ms, s, m, h, d, such as "30s".`,
    { details: { problems: [{ path: option, problem: "not a duration" }] } },
  );
}

function describe(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** A length of time for people: `850ms`, `12.3s`, `4m 10s`, `2h 5m`. */
export function formatMs(exactMs: number): string {
  let ms = Math.round(exactMs);
  if (ms < 1_000) return `${ms}ms`;
  // What a tenth of a second would round up to a minute is one.
  if (ms >= 59_950) ms = Math.max(ms, 60_000);
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1).replace(/\.0$/, "")}s`;
  const [big, small, bigUnit, smallUnit] =
    ms < 3_600_000
      ? [Math.floor(ms / 60_000), Math.floor((ms % 60_000) / 1_000), "m", "s"]
      : [Math.floor(ms / 3_600_000), Math.floor((ms % 3_600_000) / 60_000), "h", "m"];
  return small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit} ${small}${smallUnit}`;
}
