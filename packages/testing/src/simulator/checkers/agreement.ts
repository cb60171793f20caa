import type { ResourceRecord } from "@warmpool/core";
import type { Fleet } from "../fleet.js";

/**
 * What keeps the provider's list and the records from being the same, if anything: things without a record, records without
 * a thing, and records that are not settled. What is held waits for a person, until a time that a clock set back may put off. Things that nobody is to blame for are leaks only where the provider can
 * `list`, and where the records outlive the process.
 */
export async function disagreement(fleet: Fleet): Promise<string | undefined> {
  const records = new Map<string, string>();
  for (const { parsed } of fleet.vault?.resourcesByKey.values() ?? []) {
    const { key, state } = parsed as ResourceRecord;
    records.set(key, state);
  }
  if (fleet.vault === undefined) {
    for (const { manager } of fleet.up) for (const { key, state } of await manager.resources()) records.set(key, state);
  }
  // Where a provider can neither `check` nor `list`, nobody hears that a thing has died.
  for (const [key, state] of records) {
    if (state !== "ready" && state !== "held") return `${key} is ${state}`;
    const looks = fleet.scenario.providers.some(({ can }) => can.check || can.list);
    if (looks && state !== "held" && !fleet.clouds.some(({ things }) => things.has(key)))
      return `${key} is ${state}, and no provider has it`;
  }
  for (const [n, cloud] of fleet.clouds.entries()) {
    const lists = fleet.scenario.providers[n]?.can.list === true;
    const remembers = fleet.vault !== undefined || fleet.scenario.keepsInstallation;
    for (const key of cloud.things.keys()) {
      if (records.has(key)) continue;
      if (!cloud.excused.has(key) || (lists && remembers))
        return `${cloud.temper.name} has ${key}, which has no record`;
    }
  }
  return undefined;
}
