import type { FailureKind } from "@warmpool/core";

/**
 * What scripts can say by how they exit, beyond 0.
 *
 * 69, 75, 77 and 78 have their meaning from `sysexits.h`. A wrong kind costs a wait, so they may be exited with by
 * chance. A wrong "nothing was made" or "absent" would lose a thing: those are above 100, where the tools that scripts
 * call don't exit (curl alone uses most of 1 to 101) and shells don't either (126 and up are theirs; 128 + n means
 * signal n, and the numbers used here are real-time signals that nobody sends).
 */
const KINDS: Readonly<Record<number, FailureKind>> = {
  69: "capacity",
  75: "transient",
  77: "quota",
  78: "permanent",
};

const NOTHING_MADE = 100;

export interface ExitMeaning {
  readonly kind: FailureKind;
  /** The script is certain that it made nothing. */
  readonly madeNothing: boolean;
}

/** What a failed script says of its failure. `undefined`: a signal ended it. */
export function meaningOfExit(exitCode: number | undefined): ExitMeaning {
  const madeNothing = exitCode !== undefined && exitCode - NOTHING_MADE in KINDS;
  const kind = KINDS[madeNothing ? exitCode - NOTHING_MADE : (exitCode ?? -1)] ?? "unknown";
  return { kind, madeNothing };
}

/** What `find` says of a key. */
const FINDINGS: Readonly<Record<number, "ready" | "absent" | "pending" | "broken">> = {
  0: "ready",
  103: "absent",
  104: "pending",
  105: "broken",
};

/** What a `find` that exited so has found; `undefined`: nothing, it failed. */
export function findingOfExit(exitCode: number | undefined): "ready" | "absent" | "pending" | "broken" | undefined {
  return exitCode === undefined ? undefined : FINDINGS[exitCode];
}
