/**
 * Runs every contestant once in each round, beginning with another one each time: what disturbs the machine for a while
 * disturbs all of them, and nobody is always first.
 *
 * @returns each contestant's results, in the order of the rounds.
 */
export async function interleaved<Name extends string, Result>(
  names: readonly Name[],
  rounds: number,
  measure: (name: Name) => Promise<Result>,
): Promise<Record<Name, Result[]>> {
  const results = Object.fromEntries(names.map((name) => [name, [] as Result[]])) as Record<Name, Result[]>;
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(round + turn) % names.length]!;
      results[name].push(await measure(name));
    }
  }
  return results;
}
