/**
 * The durable counters of a namespace: what will be given next. A number is never given twice, whatever crashes,
 * and safe integers suffice for a million a second for 285 years.
 */
export interface CountersRecord {
  readonly v: 1;
  readonly resource: number;
  readonly ticket: number;
  readonly token: number;
  readonly event: number;
}

export const FIRST_COUNTERS: CountersRecord = { v: 1, resource: 1, ticket: 1, token: 1, event: 1 };
