import type { Fleet } from "../fleet.js";
import type { History } from "../history.js";
import type { Process } from "../process.js";

/**
 * No leased resource is deleted before its lease ended: whoever holds it and hears what the manager says was told before;
 * for whoever cannot be reached, the store says that his lease is over.
 */
export function checkLeasedDelete({ vault, world }: Fleet, history: History, process: Process, key: string): void {
  const hold = history.believer(key);
  if (hold === undefined) return;
  const ticket = vault?.ticket(hold.ticket);
  // Of several leases of one ticket, some may be over: the resource says whose it is.
  const isHis = ticket?.state === "granted" && (!ticket.several || vault?.resource(key)?.ticket === hold.ticket);
  if (hold.hearsFrom !== process && !isHis) return;
  world.violated("no lease is cut off", `${key} is deleted while ${hold.holder} holds it by token ${hold.token}`);
}
