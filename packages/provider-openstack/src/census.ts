import type { Client } from "./client/client.js";
import { OpenStackError } from "./client/error.js";
import type { NovaServer } from "./client/nova-server.js";
import { unlessAborted } from "./client/session.js";
import { keyOf, OUR_TAG } from "./labels.js";

/** Somebody who wants to know of a server. */
interface Question {
  readonly want: { readonly id: string } | { readonly key: string };
  readonly signal: AbortSignal;
  readonly answer: (servers: readonly NovaServer[]) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Answers how servers are, for everybody who asks, with as few requests as a listing has pages.
 *
 * Within one interval, as many questions as the project's servers have pages are asked of Nova one by one, at once. Who
 * comes later waits for the end of the interval; then all are answered together: one by one if they are that few, else by
 * one listing.
 */
export class Census {
  readonly #client: Client;
  readonly #intervalMs: number;
  /** Of the last listing. */
  #pages = 1;
  #intervalEndsAtMs = 0;
  #askedInInterval = 0;
  #waiting: Question[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(client: Client, intervalMs: number) {
    this.#client = client;
    this.#intervalMs = intervalMs;
  }

  /** @returns `undefined`: no listing, or Nova itself, has it. It may not be there yet. */
  async byId(id: string, signal: AbortSignal): Promise<NovaServer | undefined> {
    const [server] = await this.#ask({ id }, signal);
    return server;
  }

  /** Servers that bear a key: one at most, unless something on the way repeated our order. */
  byKey(key: string, signal: AbortSignal): Promise<readonly NovaServer[]> {
    return this.#ask({ key }, signal);
  }

  #ask(want: Question["want"], signal: AbortSignal): Promise<readonly NovaServer[]> {
    signal.throwIfAborted();
    const answered = new Promise<readonly NovaServer[]>((answer, fail) => {
      const question = { want, signal, answer, fail };
      const nowMs = performance.now();
      if (nowMs >= this.#intervalEndsAtMs && this.#waiting.length === 0) this.#begin(nowMs);
      if (this.#askedInInterval < this.#pages) {
        this.#askedInInterval += 1;
        void this.#single(question);
        return;
      }
      this.#waiting.push(question);
      this.#timer ??= setTimeout(() => this.#together(), Math.max(1, this.#intervalEndsAtMs - nowMs));
    });
    return unlessAborted(answered, signal);
  }

  #begin(nowMs: number): void {
    this.#intervalEndsAtMs = nowMs + this.#intervalMs;
    this.#askedInInterval = 0;
  }

  #together(): void {
    this.#timer = undefined;
    this.#begin(performance.now());
    const questions = this.#waiting.filter(({ signal }) => !signal.aborted);
    this.#waiting = [];
    this.#askedInInterval = questions.length;
    if (questions.length > this.#pages) void this.#sweep(questions);
    else for (const question of questions) void this.#single(question);
  }

  async #single({ want, signal, answer, fail }: Question): Promise<void> {
    const { compute } = this.#client;
    try {
      if ("id" in want) {
        const server = await compute.server(want.id, signal);
        answer(server === undefined ? [] : [server]);
        return;
      }
      const found: NovaServer[] = [];
      for await (const page of compute.servers({ name: `^${want.key}$` }, signal)) {
        found.push(...page.filter((server) => keyOf(server) === want.key));
      }
      if (found.length === 0) await assertAllSeen(this.#client, signal);
      answer(found);
    } catch (error) {
      fail(error);
    }
  }

  async #sweep(questions: readonly Question[]): Promise<void> {
    const over = new AbortController();
    let left = questions.length;
    const leave = () => {
      left -= 1;
      if (left === 0) over.abort(new Error("nobody waits for the listing any more"));
    };
    for (const { signal } of questions) signal.addEventListener("abort", leave, { once: true });
    try {
      const { servers, pages } = await everyServer(this.#client, over.signal);
      this.#pages = Math.max(1, pages);
      const byId = new Map(servers.map((server) => [server.id, server]));
      const byKey = new Map<string, NovaServer[]>();
      for (const server of servers) {
        const key = keyOf(server);
        if (key !== undefined) byKey.set(key, [...(byKey.get(key) ?? []), server]);
      }
      const missing: Question[] = [];
      for (const question of questions) {
        const { want, answer } = question;
        const server = "id" in want ? byId.get(want.id) : undefined;
        if ("id" in want) answer(server === undefined ? [] : [server]);
        else if (byKey.has(want.key)) answer(byKey.get(want.key) ?? []);
        else missing.push(question);
      }
      if (missing.length > 0) await assertAllSeen(this.#client, over.signal);
      for (const { answer } of missing) answer([]);
    } catch (error) {
      for (const { fail } of questions) fail(error);
    } finally {
      for (const { signal } of questions) signal.removeEventListener("abort", leave);
    }
  }
}

/**
 * All servers that may be ours, of the parts of the cloud that are up. It is read to its end, or throws.
 *
 * Where Nova takes tags with an order, by the tag that we all give them; else all of the project.
 */
export async function everyServer(
  client: Client,
  signal: AbortSignal,
): Promise<{ readonly servers: readonly NovaServer[]; readonly pages: number }> {
  const tagged = await client.compute.can("tagsAtCreation", signal);
  const servers: NovaServer[] = [];
  let pages = 0;
  for await (const page of client.compute.servers(tagged ? { tag: OUR_TAG } : {}, signal)) {
    pages += 1;
    servers.push(...page);
  }
  return { servers, pages };
}

/** @throws {OpenStackError} Part of the cloud is down: what a listing lacks may be there all the same. */
export async function assertAllSeen({ compute }: Client, signal: AbortSignal): Promise<void> {
  const unseen = await compute.unseen(signal);
  if (unseen === 0) return;
  throw new OpenStackError(`Part of the cloud is down: ${unseen} servers cannot be seen, any of which may be ours`, {
    status: 503,
  });
}
