/** A version of an API's behaviour, such as 2.79: not a decimal, 2.9 is before 2.10. */
export type Microversion = readonly [major: number, minor: number];

/** @returns `undefined`: it is none. */
export function parseMicroversion(text: unknown): Microversion | undefined {
  const match = /^(\d+)\.(\d+)$/.exec(String(text));
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

export function formatMicroversion([major, minor]: Microversion): string {
  return `${major}.${minor}`;
}

export function isAtLeast(version: Microversion | undefined, wanted: Microversion): boolean {
  if (version === undefined) return false;
  return version[0] === wanted[0] ? version[1] >= wanted[1] : version[0] > wanted[0];
}

/**
 * The newest version that both sides know.
 *
 * @param theirs From oldest to newest; `undefined`: the server knows no microversions.
 * @returns `undefined`: there is none.
 */
export function negotiate(
  ours: { readonly newest: Microversion; readonly oldest: Microversion },
  theirs: { readonly newest: Microversion; readonly oldest: Microversion } | undefined,
): Microversion | undefined {
  if (theirs === undefined) return undefined;
  const newest = isAtLeast(ours.newest, theirs.newest) ? theirs.newest : ours.newest;
  const oldest = isAtLeast(ours.oldest, theirs.oldest) ? ours.oldest : theirs.oldest;
  return isAtLeast(newest, oldest) ? newest : undefined;
}
