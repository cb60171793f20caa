import { type CountersRecord, FIRST_COUNTERS } from "../model/counters.js";
import { WarmpoolError } from "../model/error.js";
import type { AnyEvent } from "../model/event.js";
import type { ResourceRecord } from "../model/resource.js";
import type { TicketRecord } from "../model/ticket.js";
import type { StoredRecord, StoreSession } from "../store/store.js";

/** The format of records that this release writes. */
const FORMAT = 1;

/** All that a namespace has. */
export interface Loaded {
  readonly resources: readonly ResourceRecord[];
  /** In the order in which they were made. */
  readonly tickets: readonly TicketRecord[];
  readonly counters: CountersRecord;
  /** In the order of their numbers. */
  readonly events: readonly AnyEvent[];
}

/**
 * Reads a namespace.
 *
 * @throws {WarmpoolError} `STORE_TOO_NEW` for a record of a later format, `STORE_CORRUPT` for one that is none.
 */
export async function load(session: StoreSession, store: string): Promise<Loaded> {
  const resources: ResourceRecord[] = [];
  const tickets: TicketRecord[] = [];
  const events: AnyEvent[] = [];
  let counters: CountersRecord = FIRST_COUNTERS;
  for await (const chunk of session.load()) {
    for (const stored of chunk) {
      const record = parseRecord(stored, store);
      if (stored.kind === "resource") resources.push(record as ResourceRecord);
      else if (stored.kind === "ticket") tickets.push(record as TicketRecord);
      else if (stored.kind === "event") events.push(record as AnyEvent);
      else counters = record as CountersRecord;
    }
  }
  tickets.sort((a, b) => a.id - b.id);
  events.sort((a, b) => a.seq - b.seq);
  return { resources, tickets, counters, events };
}

function parseRecord({ kind, id, record }: StoredRecord, store: string): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(record);
  } catch (cause) {
    throw corrupt(store, `${kind} ${id} is not JSON`, cause);
  }
  const found = (parsed as { v?: unknown } | null)?.v;
  if (typeof found !== "number") throw corrupt(store, `${kind} ${id} has no format version`, undefined);
  if (found > FORMAT) {
    throw new WarmpoolError(
      "STORE_TOO_NEW",
      `Store ${store} has records of format ${found}; this release reads up to ${FORMAT}. Upgrade @warmpool/core.`,
      { details: { store, found, supported: FORMAT } },
    );
  }
  return parsed;
}

function corrupt(store: string, what: string, cause: unknown): WarmpoolError<"STORE_CORRUPT"> {
  return new WarmpoolError("STORE_CORRUPT", `Store ${store} cannot be read: ${what}. Restore it from a backup.`, {
    details: { store },
    cause,
  });
}
