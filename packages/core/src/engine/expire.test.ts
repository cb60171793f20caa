import { expect, test } from "vitest";
import { leaseEndsAtMs, leasePhase } from "./expire.js";

const NEVER = Number.POSITIVE_INFINITY;
const lease = { expiresAtMs: 1_000, graceMs: 300 };

test.each([
  ["a lease runs until its deadline", lease, 0, "runs", 1_000],
  ["a lease still runs a millisecond before its deadline", lease, 999, "runs", 1_000],
  ["a lease that ends exactly now is overdue", lease, 1_000, "overdue", 1_300],
  ["it is overdue until its grace has passed", lease, 1_299, "overdue", 1_300],
  ["a lease whose grace ends exactly now is over", lease, 1_300, "over", NEVER],
  ["without grace it is over at its deadline", { ...lease, graceMs: 0 }, 1_000, "over", NEVER],
  ["with grace for ever it stays overdue", { ...lease, graceMs: NEVER }, 1e15, "overdue", NEVER],
  ["a lease without a deadline runs for ever", { ...lease, expiresAtMs: NEVER }, 1e15, "runs", NEVER],
] as const)("%s", (_, given, nowMs, phase, untilMs) => {
  expect(leasePhase(given, nowMs)).toEqual({ phase, untilMs });
});

test.each([
  ["one that its holder renews ends a ttl from now", 60, "holder", 1_060],
  ["one of a session that is gone ends a ttl from now", 60, "dead session", 1_060],
  ["one of a session that lives does not end", 60, "living session", NEVER],
  ["one without a ttl does not end", undefined, "holder", NEVER],
] as const)("%s", (_, ttlMs, renewedBy, expected) => {
  expect(leaseEndsAtMs({ ttlMs, renewedBy }, 1_000)).toBe(expected);
});
