import { settlesWithinMs } from "./duration.js";
import type { ProviderHarness } from "./harness.js";

/**
 * What cases may need beyond `allocate` and `delete`.
 *
 * Of the provider: `check`, `find`, `list`, `reset`; `json`: its data survives JSON; `settlesWithin`: it is short
 * enough to wait for, at most the suite's `timeout`. Of the harness: `count`, `break`, `outage`, `restart`.
 */
export type Need = keyof typeof NEEDS;

type Look = (harness: ProviderHarness<unknown, unknown>, timeoutMs: number) => boolean | "cannot be told";

const NEEDS = {
  check: ({ provider }) => provider.check !== undefined,
  find: ({ provider }) => provider.find !== undefined,
  list: ({ provider }) => provider.list !== undefined,
  reset: ({ provider }) => provider.reset !== undefined,
  json: () => "cannot be told",
  settlesWithin: ({ provider }, timeoutMs) => settlesWithinMs(provider) <= timeoutMs,
  count: ({ count }) => count !== undefined,
  break: (harness) => harness.break !== undefined,
  outage: ({ outage }) => outage !== undefined,
  restart: ({ restart }) => restart !== undefined,
} as const satisfies Record<string, Look>;

export const ALL_NEEDS = Object.keys(NEEDS) as readonly Need[];

/** What the harness and the deviations disagree about, a sentence each. */
export function disagreements(
  harness: ProviderHarness<unknown, unknown>,
  without: ReadonlyMap<Need, string>,
  timeoutMs: number,
): string[] {
  const problems: string[] = [];
  for (const need of ALL_NEEDS) {
    const has = NEEDS[need](harness, timeoutMs);
    if (has === "cannot be told") continue;
    if (!has && !without.has(need)) problems.push(missing(need));
    if (has && without.has(need)) problems.push(`deviations say that it is without \`${need}\`, but it has it`);
  }
  return problems;
}

/** What to do about something that a case needs and does not have; `undefined`: it has it. */
export function lack(need: Need, harness: ProviderHarness<unknown, unknown>, timeoutMs: number): string | undefined {
  return NEEDS[need](harness, timeoutMs) === false ? missing(need) : undefined;
}

function missing(need: Need): string {
  const what =
    need === "settlesWithin"
      ? "the provider's `settlesWithin` is longer than the suite's `timeout`"
      : `there is no \`${need}\``;
  return `${what}: change that, or say why not by { without: "${need}", reason: "…" } in deviations`;
}
