// Events are typed by their name.
import { type AnyEvent, createPool, type EventType, type Provider, type WarmpoolEvent } from "@warmpool/core";
import { is } from "./equal.js";

const provider: Provider<string> = { name: "p", allocate: async () => "a", delete: async () => {} };
const pool = createPool({ provider, max: 1 });

pool
  .on("lease.overdue", (event) => {
    is<WarmpoolEvent<"lease.overdue">>()(event)(true);
    is<number>()(event.data.graceMs)(true);
    is<number | undefined>()(event.ids.token)(true);
  })
  .once("provider.failed", ({ data }) => {
    is<"quota" | "capacity" | "throttled" | "transient" | "permanent" | "unknown">()(data.kind)(true);
  })
  .on("event", (event) => {
    is<AnyEvent>()(event)(true);
    is<EventType>()(event.type)(true);
    if (event.type === "ticket.changed") is<number | undefined>()(event.data.waitedMs)(true);
    if (event.type === "breaker.opened") is<string>()(event.data.reason)(true);
  });

const listener = (event: WarmpoolEvent<"pool.changed">) => console.log(event.data.to);
pool.on("pool.changed", listener).off("pool.changed", listener);

// @ts-expect-error: there is no such event
pool.on("lease.late", () => {});
// @ts-expect-error: the listener is for another event
pool.on("pool.stranded", listener);
// @ts-expect-error: of another event
pool.on("pool.changed", ({ data }) => data.graceMs);
