import type { Backend } from "./backend.js";
import { beatOf, type Claim, heartbeat } from "./claim.js";
import type { KeyvSettings } from "./options.js";
import { freshMs, type Moment, moment, passedMs, sureMs } from "./timing.js";

/** How often a heartbeat that failed is tried again before the next is due. */
const RETRIES_A_BEAT = 4;

/**
 * A store that this process has, from its claim to its release or loss.
 *
 * - Sure: the last heartbeat is so young that nobody else can have claimed the store.
 * - Unsure: it is older, since the backend or this process stood still. Others may be claiming. The owner asks whether its
 *   last heartbeat still stands, and goes on if it does.
 * - Lost: somebody else's text stands there, or it took so long to ask and to write that the answer proves nothing any
 *   more. It stays lost.
 */
export class Ownership {
  /** The namespaces that are open under it. */
  readonly namespaces = new Set<string>();
  /** Called after each heartbeat. */
  readonly beaten = new Set<() => void>();
  readonly #backend: Backend;
  readonly #key: string;
  readonly #settings: KeyvSettings;
  readonly #token: string;
  /** The last text that is known to have been written, and when it was sent. */
  #text: string;
  #sentAt: Moment;
  #beats = 0;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> = Promise.resolve();
  #released: Promise<void> | undefined;
  #isLost = false;

  constructor(backend: Backend, key: string, settings: KeyvSettings, { token, text, sentAt }: Claim) {
    this.#backend = backend;
    this.#key = key;
    this.#settings = settings;
    this.#token = token;
    this.#text = text;
    this.#sentAt = sentAt;
    this.#beatIn(settings.heartbeatMs - passedMs(sentAt));
  }

  /** It was lost or given up. */
  get over(): boolean {
    return this.#isLost || this.#released !== undefined;
  }

  get #isSure(): boolean {
    return !this.#isLost && passedMs(this.#sentAt) < sureMs(this.#settings);
  }

  /**
   * Whether the store was this process's own until now: what it wrote before this call, the next opener will read.
   *
   * @throws {Error} when the backend fails, and it is not known.
   */
  async holds(): Promise<boolean> {
    if (this.#isSure) return true;
    await this.#beat();
    return !this.#isLost;
  }

  /** Gives the store up, so that the next opener need not wait. Idempotent. */
  release(): Promise<void> {
    this.#released ??= this.#giveUp();
    return this.#released;
  }

  async #giveUp(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#beating.catch(() => undefined);
    try {
      // Somebody else's must not be deleted. That it was this one's when it was read says nothing if the answer took so long
      // that somebody else can have claimed the store since.
      const isOwn = (await this.holds()) && (await this.#backend.get(this.#key)) === this.#text;
      if (isOwn && this.#isSure) await this.#backend.delete([this.#key]);
    } catch {
      // The next opener has to wait until the last heartbeat is old enough.
    } finally {
      this.#backend.leave();
    }
  }

  #beatIn(ms: number): void {
    this.#timer = setTimeout(
      () => {
        const { heartbeatMs } = this.#settings;
        this.#beat().then(
          () => {
            for (const tell of this.beaten) tell();
            this.#goOnIn(heartbeatMs - passedMs(this.#sentAt));
          },
          () => this.#goOnIn(heartbeatMs / RETRIES_A_BEAT),
        );
      },
      Math.max(0, ms),
    ).unref();
  }

  #goOnIn(ms: number): void {
    if (!this.over) this.#beatIn(ms);
  }

  /** One at a time: a write under way must not outlive what the next one finds out. */
  #beat(): Promise<void> {
    this.#beating = this.#beating.catch(() => undefined).then(() => this.#beatOnce());
    return this.#beating;
  }

  async #beatOnce(): Promise<void> {
    if (this.#isLost) return;
    const { staleAfterMs } = this.#settings;
    const wasSure = this.#isSure;
    const askedAt = moment();
    if (wasSure ? await this.#hasRival() : !(await this.#stands())) return;
    this.#beats += 1;
    const text = heartbeat(this.#token, this.#beats, this.#settings);
    const sentAt = moment();
    // Until this time nobody can have claimed the store and seen his claim stand.
    const limit = wasSure
      ? { since: this.#sentAt, ms: staleAfterMs + freshMs(this.#settings) }
      : { since: askedAt, ms: freshMs(this.#settings) };
    await this.#backend.set(this.#key, text);
    if (passedMs(limit.since) > limit.ms) {
      this.#isLost = true;
      return;
    }
    const wasSlow = wasSure && !this.#isSure;
    this.#text = text;
    if (wasSlow && !(await this.#stands())) return;
    this.#sentAt = sentAt;
  }

  /**
   * Whether somebody else shows heartbeats, although nobody else can have claimed the store: the backend has carried out
   * somebody's last write long after it was sent. A mere claim is no rival: it came too late, and its writer knows.
   */
  async #hasRival(): Promise<boolean> {
    const beat = beatOf(await this.#backend.get(this.#key));
    this.#isLost ||= beat !== undefined && beat.token !== this.#token && beat.beat > 0;
    return this.#isLost;
  }

  /**
   * Whether the last text known to be written still stands. One that failed to be written does not count: it may arrive at
   * any time, over somebody else's.
   */
  async #stands(): Promise<boolean> {
    const stands = (await this.#backend.get(this.#key)) === this.#text;
    if (!stands) this.#isLost = true;
    return stands;
  }
}
