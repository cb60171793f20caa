import type { Fleet } from "../fleet.js";
import type { Process } from "../process.js";

/** A thing without a record is deleted only after two complete listings have shown it. */
export function checkSightings({ vault, world }: Fleet, { sightings }: Process, key: string, epoch: number): void {
  const record = vault?.resource(key);
  if (record?.reason !== "unrecorded" || record.epoch !== epoch) return;
  const seen = sightings.get(key) ?? 0;
  if (seen < 2) world.violated("two sightings", `${key} has no record and is deleted after ${seen} complete listings`);
}
