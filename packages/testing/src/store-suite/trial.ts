import assert from "node:assert/strict";
import type { ConnectOptions, RecordKind, SessionPost, Store, StoredRecord, StoreSession } from "@warmpool/core";
import { type Change, type ErrorCode, isWarmpoolError, type OpenOptions } from "@warmpool/core";
import type { StoreHarness } from "./harness.js";

/** The namespace of cases that need only one. */
const NAMESPACE = "web";

/** One case's dealings with a store: it remembers the sessions, so that they can be closed whatever comes of the case. */
export class Trial {
  readonly store: Store;
  readonly #harness: StoreHarness;
  readonly #sessions: StoreSession[] = [];
  readonly #posts: SessionPost[] = [];

  constructor(harness: StoreHarness) {
    this.#harness = harness;
    this.store = harness.store;
  }

  async open(
    where: { readonly store?: Store; readonly namespace?: string } = {},
    options?: OpenOptions,
  ): Promise<StoreSession> {
    const session = await (where.store ?? this.store).open(where.namespace ?? NAMESPACE, options);
    this.#sessions.push(session);
    return session;
  }

  async connect(options: ConnectOptions, namespace = NAMESPACE): Promise<SessionPost> {
    assert.ok(this.store.connect, "the store has no connect(): leave posts out of the options of storeSuite");
    const post = await this.store.connect(namespace, options);
    this.#posts.push(post);
    return post;
  }

  /** The store after a crash. */
  async restart(): Promise<Store> {
    assert.ok(this.#harness.reopen, lacks("reopen"));
    return await this.#harness.reopen();
  }

  /** A second store object beside the first. */
  async another(): Promise<Store> {
    assert.ok(this.#harness.another, lacks("another"));
    return await this.#harness.another();
  }

  /** Closes a session and opens its namespace again, to see what was kept. */
  async again(session: StoreSession, namespace = NAMESPACE): Promise<StoreSession> {
    await session.close();
    return await this.open({ namespace });
  }

  /** What is kept after a session of the store's usual namespace, by `kind id`. Ends that session. */
  async kept(session: StoreSession): Promise<Record<string, string>> {
    return await contentOf(await this.again(session));
  }

  /** Closes what the case left open. Errors are the case's to find, not this clearing's. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#posts, ...this.#sessions].map((each) => each.close()));
    await this.#harness.cleanup?.();
  }
}

function lacks(member: "reopen" | "another"): string {
  return `the harness has no ${member}(): give it one, or list this case in deviations with the reason`;
}

export async function load(session: StoreSession): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  for await (const chunk of session.load()) records.push(...chunk);
  return records;
}

/** All records of a namespace by `kind id`, each of which may come once only. */
export async function contentOf(session: StoreSession): Promise<Record<string, string>> {
  const content = new Map<string, string>();
  for (const { kind, id, record } of await load(session)) {
    const key = `${kind} ${id}`;
    assert.ok(!content.has(key), `${key} was loaded twice`);
    content.set(key, record);
  }
  return Object.fromEntries([...content].sort(([one], [other]) => (one < other ? -1 : 1)));
}

export function commit(session: StoreSession, number: number, changes: readonly Change[]): Promise<void> {
  return session.commit({ epoch: session.epoch, number, changes });
}

/** A change that puts a small record. */
export function put(id: number, value: unknown = "first", kind: RecordKind = "resource"): Change {
  return { kind, id, record: JSON.stringify({ v: 1, id, value }) };
}

export function drop(id: number, kind: RecordKind = "resource"): Change {
  return { kind, id, record: null };
}

/** What `contentOf` says of changes that only put. */
export function content(...changes: readonly Change[]): Record<string, string> {
  const entries = changes.map(({ kind, id, record }): [string, string] => [`${kind} ${id}`, record ?? ""]);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Asserts that something rejects, with one of these codes if any are given. */
export async function refused(what: string, attempt: () => Promise<unknown>, ...codes: ErrorCode[]): Promise<void> {
  let outcome: { error: unknown } | undefined;
  try {
    await attempt();
  } catch (error) {
    outcome = { error };
  }
  assert.ok(outcome !== undefined, `${what} was accepted`);
  if (codes.length === 0 || codes.some((code) => isWarmpoolError(outcome.error, code))) return;
  throw new assert.AssertionError({
    message: `${what} was not refused with ${codes.join(" or ")} but with ${outcome.error}`,
    actual: outcome.error,
    expected: codes,
  });
}
