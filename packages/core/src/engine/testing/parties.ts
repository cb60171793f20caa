import type { Ticket } from "../ticket.js";
import { Harness, type HarnessOptions } from "./harness.js";

export function scene(pools: HarnessOptions["pools"], options: Omit<HarnessOptions, "pools"> = {}): Harness {
  return new Harness({ ...options, pools: pools ?? {} });
}

/** Everything that could be made is made. */
export function warm(pools: Record<string, number>, options: Omit<HarnessOptions, "pools"> = {}): Harness {
  const sketches = Object.entries(pools).map(([name, max]) => [name, { max, warm: max, reuse: true }] as const);
  const harness = scene(Object.fromEntries(sketches), options);
  harness.succeedAll();
  return harness;
}

/** The pools of what it has. */
export function held(ticket: Ticket): string[] {
  return (ticket.shares ?? []).flatMap(({ resource }) => (resource === undefined ? [] : [resource.pool.name]));
}
