import { type RunOptions, type RunResult, simulate } from "./run.js";

/** Runs that a violation may be shrunk by. */
const ATTEMPTS = 400;

/**
 * The shortest run that still breaks the same rule: with fewer faults, and fewer holders, of the same seed. Not the
 * shortest that there is, but one that somebody can read.
 */
export async function shrink(violated: RunResult, options: RunOptions): Promise<RunOptions> {
  const rule = violated.violations[0]?.rule;
  let attempts = 0;
  const stillBreaks = async (tried: RunOptions) => {
    if (attempts >= ATTEMPTS) return false;
    attempts += 1;
    const { violations } = await simulate(tried);
    return violations[0]?.rule === rule;
  };
  let best: RunOptions = { ...options, holders: violated.holders };
  const all = Array.from({ length: violated.decisions }, (_, number) => number);
  if (await stillBreaks({ ...best, only: new Set(all) })) best = { ...best, only: new Set(all) };
  for (
    let size = Math.ceil(all.length / 2);
    size >= 1 && attempts < ATTEMPTS;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    const numbers = [...(best.only ?? all)];
    for (let at = 0; at < numbers.length; at += size) {
      const gone = new Set(numbers.slice(at, at + size));
      const only = new Set([...(best.only ?? all)].filter((number) => !gone.has(number)));
      if (await stillBreaks({ ...best, only })) best = { ...best, only };
    }
  }
  for (let holders = Math.floor((best.holders ?? 0) / 2); holders >= 1; holders = Math.floor(holders / 2)) {
    const fewer = { ...best, holders };
    if (!(await stillBreaks(fewer))) break;
    best = fewer;
  }
  return best;
}
