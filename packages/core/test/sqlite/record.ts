import type { Change, RecordKind, StoreSession } from "@warmpool/core";

export function put(id: number, value: unknown = "x", kind: RecordKind = "resource"): Change {
  return { kind, id, record: JSON.stringify({ v: 1, id, value }) };
}

export function commit(session: StoreSession, number: number, ...changes: Change[]): Promise<void> {
  return session.commit({ epoch: session.epoch, number, changes });
}

/** The ids of all resources that a session loads, in their order. */
export async function loadIds(session: StoreSession): Promise<number[]> {
  const ids: number[] = [];
  for await (const chunk of session.load()) ids.push(...chunk.map(({ id }) => id));
  return ids;
}
