import type { LeaseEnd } from "./recycle.js";

/** The conditions of a pool's resources: names that its user gives. */
export interface Conditions {
  /** All there are. Whoever asks for none wants the first. */
  readonly names: readonly string[];
  /** Of one that was made. */
  readonly initial: string;
  /** Of one that was released without saying. */
  readonly released: string;
  /** Of one whose lease expired, or that failed and is kept. */
  readonly abandoned: string;
  /** What is `from` is reset, is `via` meanwhile, and `to` afterwards. */
  readonly clean: { readonly from: string; readonly via: string; readonly to: string } | undefined;
  /** What is lent `in` one of these, and whose holder was not heard of for so long, is taken away and becomes `to`. */
  readonly silent: { readonly in: readonly string[]; readonly afterMs: number; readonly to: string } | undefined;
}

/** The condition of a resource whose lease has ended. */
export function conditionAfter(end: LeaseEnd, given: string | undefined, conditions: Conditions): string {
  if (given !== undefined && conditions.names.includes(given)) return given;
  return end === "ok" ? conditions.released : conditions.abandoned;
}

/** Whether one whose last holder may still be at work can be kept: nobody gets it by asking for nothing special. */
export function setsAside({ abandoned, names }: Conditions): boolean {
  return abandoned !== names[0];
}

/** User data after an update: key by key; `null` deletes one. */
export function mergeUserData(
  before: Readonly<Record<string, unknown>> | undefined,
  changes: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> | undefined {
  const merged = new Map(Object.entries(before ?? {}));
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) merged.delete(key);
    else if (value !== undefined) merged.set(key, value);
  }
  return merged.size === 0 ? undefined : Object.fromEntries(merged);
}
