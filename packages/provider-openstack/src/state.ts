import type { NovaServer } from "./client/nova-server.js";

/** What Nova may say a server is. */
type Status =
  | "ACTIVE"
  | "BUILD"
  | "DELETED"
  | "ERROR"
  | "HARD_REBOOT"
  | "MIGRATING"
  | "PASSWORD"
  | "PAUSED"
  | "REBOOT"
  | "REBUILD"
  | "RESCUE"
  | "RESIZE"
  | "REVERT_RESIZE"
  | "SHELVED"
  | "SHELVED_OFFLOADED"
  | "SHUTOFF"
  | "SOFT_DELETED"
  | "SUSPENDED"
  | "UNKNOWN"
  | "VERIFY_RESIZE";

/**
 * What that means for us: `runs`; `changes` (ask again); `hidden` (Nova itself does not know); `stopped` (somebody
 * stopped it, and it stays so); `failed`; `ending`.
 */
export type State = "runs" | "changes" | "hidden" | "stopped" | "failed" | "ending";

const STATES: Readonly<Record<Status, State>> = {
  ACTIVE: "runs",
  BUILD: "changes",
  DELETED: "ending",
  ERROR: "failed",
  HARD_REBOOT: "changes",
  MIGRATING: "changes",
  PASSWORD: "changes",
  PAUSED: "stopped",
  REBOOT: "changes",
  REBUILD: "changes",
  RESCUE: "stopped",
  RESIZE: "changes",
  REVERT_RESIZE: "changes",
  SHELVED: "stopped",
  SHELVED_OFFLOADED: "stopped",
  SHUTOFF: "stopped",
  SOFT_DELETED: "ending",
  SUSPENDED: "stopped",
  UNKNOWN: "hidden",
  VERIFY_RESIZE: "changes",
};

/** A status that we have never heard of says nothing. */
export function stateOf({ status, taskState }: Pick<NovaServer, "status" | "taskState">): State {
  if (taskState === "deleting" || taskState === "soft-deleting") return "ending";
  return Object.hasOwn(STATES, status) ? STATES[status as Status] : "hidden";
}

/** For people. */
export function describe({ status, fault }: NovaServer): string {
  return fault === undefined ? `it is ${status}` : `it is ${status}: ${fault.message} (${fault.code})`;
}
