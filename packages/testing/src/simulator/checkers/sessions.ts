import type { TicketRecord } from "@warmpool/core";
import type { Fleet } from "../fleet.js";
import type { Kept } from "../vault.js";

/** What a leader that stands still, or whose commits stall, may be late. Milliseconds. */
const LATE_MS = 60_000;

/** Nobody is granted anything for a process that has long been dead, unless its leader has only just begun to listen. */
export function checkSessions(
  { vault, world, scenario }: Fleet,
  before: Kept | undefined,
  after: Kept | undefined,
): void {
  if (vault === undefined || after?.kind !== "ticket") return;
  const is = after.parsed as TicketRecord;
  const was = before?.parsed as TicketRecord | undefined;
  if (is.state !== "granted" || was?.state === "granted" || is.session === undefined) return;
  const diedAtMs = vault.post.diedAtMs(is.session);
  if (diedAtMs === undefined) return;
  const silentMs = world.nowMs - Math.max(diedAtMs, vault.openedAtMs);
  if (silentMs <= scenario.sessionTtlMs + LATE_MS) return;
  world.violated("no grants to the dead", `ticket ${is.id} is granted ${silentMs} ms after its process died`);
}
