import type { AnyEvent } from "../model/event.js";
import type { Logger } from "../model/logger.js";

/** Writes an event to a log: what somebody may have to act upon as a warning, what goes on as usual for debugging. */
export function logEvent(logger: Logger, event: AnyEvent): void {
  const { type, ids, data, cause, actor } = event;
  logger[levelOf(event)]({ ...ids, ...data, cause, actor }, type);
}

function levelOf({ type, data }: AnyEvent): "debug" | "info" | "warn" | "error" {
  switch (type) {
    case "resource.changed":
    case "resource.made":
    case "resource.gone":
    case "ticket.started":
      return "debug";
    case "ticket.changed":
      return data.end === "lost" || data.end === "expired" || data.end === "refused" ? "warn" : "debug";
    case "lease.ended":
      return data.end === "lost" || data.end === "expired" ? "warn" : "debug";
    case "lease.clamped":
    case "lease.extended":
    case "pool.changed":
    case "breaker.closed":
      return "info";
    case "resource.unhealthy":
    case "lease.overdue":
    case "provider.failed":
    case "breaker.opened":
    case "reap.unrecorded":
    case "reap.foreign":
    case "reap.stopped":
    case "pool.stranded":
    case "store.failed":
      return "warn";
    case "store.rolled-back":
      return "error";
  }
}
