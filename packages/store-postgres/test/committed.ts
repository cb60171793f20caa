import { Journal, kindOf } from "../src/journal.js";
import type { TrialSchema } from "./trial-schema.js";

/** All records of all namespaces of a schema, as `kind id`, by the table and the journal: whoever leads is not asked. */
export async function committed(trial: TrialSchema): Promise<Map<string, string>> {
  // In one look: a fold moves records from one to the other.
  const [found] = await trial.query(`SELECT
    (SELECT json_agg(changes ORDER BY namespace, epoch, number) FROM $schema.journal) AS batches,
    (SELECT json_agg(r) FROM $schema.record AS r) AS records`);
  const journal = new Journal();
  journal.load((found?.["batches"] as string[] | null) ?? []);
  const rows = (found?.["records"] as { kind: number; id: number; record: string }[] | null) ?? [];
  const records = rows.flatMap(({ kind, ...stored }) => journal.overlay({ kind: kindOf(kind), ...stored }) ?? []);
  return new Map([...records, ...journal.loaded()].map(({ kind, id, record }) => [`${kind} ${id}`, record]));
}
