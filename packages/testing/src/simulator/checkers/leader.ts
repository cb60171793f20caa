import type { Fleet } from "../fleet.js";
import type { Process } from "../process.js";

/** Only the leader of the present epoch starts calls. */
export function checkLeader({ vault, world }: Fleet, process: Process, epoch: number, call: string): void {
  if (vault === undefined || epoch >= vault.epoch) return;
  world.violated("one leader", `${process.name} starts ${call} in epoch ${epoch}, the store is in ${vault.epoch}`);
}
