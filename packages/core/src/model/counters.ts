import type { ConfigurationMark } from "./configuration-mark.js";

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
  /** What its leader is configured as, where several processes share the store. */
  readonly configuration?: ConfigurationMark;
}

export const FIRST_COUNTERS: CountersRecord = { v: 1, resource: 1, ticket: 1, token: 1, event: 1 };
