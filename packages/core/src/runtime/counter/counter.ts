import type { AnyEvent } from "../../model/event.js";
import { LETTER_FORMAT, type LeaderLetter, readSessionLetter, type SessionLetter } from "../../model/letter.js";
import { type Failed, failed, type LeaderMessage, mistakeIn, type SessionMessage } from "../../model/message.js";
import type { LeaderMail, LeaderPost, Letter } from "../../store/post.js";
import type { Life } from "../life.js";
import { leads } from "../life.js";
import type { Runtime } from "../runtime.js";
import { Correspondent } from "./correspondent.js";
import { Teller } from "./teller.js";

/** How often sessions that have long been silent are looked for. Milliseconds. */
const TIDY_MS = 60_000;

/**
 * Where sessions are served by the process that leads, its own as any other: their letters become inputs of the engine, and
 * what comes of these goes back, once it is committed. It lives as long as its engine's life; nothing of it is stored.
 */
export class Counter implements LeaderMail {
  readonly #runtime: Runtime;
  readonly #life: Life;
  readonly #post: LeaderPost;
  readonly #teller: Teller;
  readonly #correspondents = new Map<string, Correspondent>();
  /** To be sent: to sessions that have a stream, composed when it leaves; or at once what has none. */
  readonly #wanting = new Set<Correspondent>();
  readonly #loose = new Map<string, LeaderLetter>();
  #scheduled = false;
  #sending = false;

  constructor(runtime: Runtime, life: Life, post: LeaderPost) {
    this.#runtime = runtime;
    this.#life = life;
    this.#post = post;
    this.#teller = new Teller(runtime, life, {
      tell: (session, message) => this.#correspondents.get(session)?.tell(message),
      heardAt: (session) => {
        const since = this.#correspondents.get(session)?.at;
        return since === undefined ? {} : { since };
      },
    });
  }

  /** This process leads, and its records are loaded: those who have tickets here are told at once. */
  begin(): void {
    this.#post.listen(this);
    for (const session of this.#life.engine.ledger.sessions.keys()) this.#reply(session, { stream: 0 });
    this.#reply(this.#runtime.session, { stream: 0 });
    this.#tidySoon();
  }

  get #isOver(): boolean {
    return this.#runtime.life !== this.#life;
  }

  /** Whether anybody elsewhere listens to events. */
  get isWatched(): boolean {
    for (const { listens } of this.#correspondents.values()) if (listens) return true;
    return false;
  }

  tellEvent(event: AnyEvent): void {
    for (const correspondent of this.#correspondents.values()) {
      const { listens, session } = correspondent;
      if (listens && session !== this.#runtime.session) correspondent.tell({ type: "events", events: [event] });
    }
  }

  /** This process is configured anew. */
  tellConfiguration(): void {
    for (const { session } of this.#correspondents.values()) this.#teller.tellConfiguration(session);
    this.#teller.committed();
  }

  // ── Receiving ──────────────────────────────────────────────────────────────────────────────────────────────────────

  received(letters: readonly Letter[]): void {
    // Nothing is confirmed by whom another may have succeeded.
    if (this.#isOver || this.#runtime.hasLapsed()) return;
    for (const { session, text } of letters) {
      const letter = readSessionLetter(text);
      if ("failed" in letter) this.#reply(session, { stream: 0, refused: letter });
      else this.#read(session, letter);
    }
    this.#runtime.after(this.#life);
    this.#teller.committed();
  }

  #read(session: string, letter: SessionLetter): void {
    const { epoch, stream, first, body } = letter;
    const own = this.#life.session.epoch;
    // It does not know of this leader yet; or it knows a later one.
    if (epoch !== own) return epoch < own ? this.#reply(session, { stream: 0 }) : undefined;
    let correspondent = this.#correspondents.get(session);
    if (correspondent !== undefined && stream < correspondent.stream) return;
    if (correspondent === undefined || stream > correspondent.stream) {
      const begins = first === 1 && body.length > 0;
      if (!begins) return correspondent === undefined ? this.#reply(session, { stream, unknown: true }) : undefined;
      correspondent?.channel.end();
      correspondent = this.#begin(session, letter);
    }
    const nowMs = this.#runtime.nowMs;
    correspondent.heard(letter, nowMs);
    this.#life.engine.heard(session, letter.ttlMs, nowMs);
    const news = correspondent.channel.take(letter);
    // A heartbeat wants to be confirmed as anything else.
    correspondent.channel.confirmSoon();
    for (const message of news) this.#hear(correspondent, message);
  }

  #begin(session: string, letter: SessionLetter): Correspondent {
    const { clock } = this.#runtime.options;
    const correspondent: Correspondent = new Correspondent(letter, session, clock, () => {
      this.#wantsToSend(correspondent);
    });
    this.#correspondents.set(session, correspondent);
    return correspondent;
  }

  #wantsToSend(correspondent: Correspondent): void {
    if (this.#correspondents.get(correspondent.session) !== correspondent) return;
    this.#wanting.add(correspondent);
    this.#sendSoon();
  }

  #hear(correspondent: Correspondent, message: unknown): void {
    const mistake = mistakeIn(message);
    if (mistake !== undefined) return this.#misunderstood(correspondent, message, mistake);
    const said = message as SessionMessage;
    if (said.type === "listen") {
      correspondent.listens = said.on;
      this.#runtime.watch();
    } else {
      this.#teller.hear(correspondent.session, said);
      // Whoever comes or goes waits for nothing but to be heard.
      if (said.type === "hello" || said.type === "bye") this.#wantsToSend(correspondent);
    }
  }

  #misunderstood({ session, channel }: Correspondent, message: unknown, mistake: string): void {
    const details = { found: LETTER_FORMAT, supported: LETTER_FORMAT };
    const problem = failed("PROTOCOL_MISMATCH", `The leading process cannot serve this: ${mistake}.`, details);
    const call = (message as { call?: unknown } | null)?.call;
    if (typeof call === "number") channel.say({ type: "answer", call, ...problem } satisfies LeaderMessage);
    else this.#reply(session, { stream: 0, refused: problem });
  }

  /** A session's process is known to be dead. */
  ended(session: string): void {
    if (this.#isOver) return;
    this.#forget(session);
    this.#life.engine.endSession(session, true, this.#runtime.nowMs);
    this.#runtime.after(this.#life);
  }

  // ── Sending ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #reply(session: string, what: { stream: number; unknown?: true; refused?: Failed }): void {
    const { epoch } = this.#life.session;
    this.#loose.set(session, { v: LETTER_FORMAT, epoch, first: 1, heard: 0, body: [], ...what });
    this.#sendSoon();
  }

  #sendSoon(): void {
    if (this.#scheduled || this.#sending) return;
    this.#scheduled = true;
    // All that is said in this turn goes together.
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#send();
    });
  }

  #send(): void {
    if (this.#isOver || !leads(this.#life)) return;
    const letters: Letter[] = [];
    for (const [session, letter] of this.#loose) letters.push({ session, text: JSON.stringify(letter) });
    for (const correspondent of this.#wanting) letters.push(this.#compose(correspondent));
    this.#loose.clear();
    this.#wanting.clear();
    const own = letters.filter(({ session }) => session === this.#runtime.session);
    const others = letters.filter(({ session }) => session !== this.#runtime.session);
    if (others.length > 0) {
      this.#sending = true;
      const sent = () => {
        this.#sending = false;
        if (this.#wanting.size > 0 || this.#loose.size > 0) this.#sendSoon();
      };
      this.#post.send(others).then(sent, sent);
    }
    if (own.length > 0) this.#runtime.receive(own.map(({ text }) => text));
  }

  #compose({ session, stream, at, channel }: Correspondent): Letter {
    const { epoch } = this.#life.session;
    const letter: LeaderLetter = { v: LETTER_FORMAT, epoch, stream, ...channel.compose(), at };
    return { session, text: JSON.stringify(letter) };
  }

  // ── Ending ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #tidySoon(): void {
    const { clock } = this.#runtime.options;
    clock.after(TIDY_MS, () => {
      if (this.#isOver) return;
      const { sessions } = this.#life.engine.ledger;
      for (const { session, heardAtMs, ttlMs } of [...this.#correspondents.values()]) {
        if (clock.now() >= heardAtMs + ttlMs && !sessions.has(session)) this.#forget(session);
      }
      this.#tidySoon();
    });
  }

  #forget(session: string): void {
    this.#correspondents.get(session)?.channel.end();
    this.#correspondents.delete(session);
  }

  /** This life of the engine is over: whoever leads next is found by the sessions themselves. */
  end(): void {
    for (const { channel } of this.#correspondents.values()) channel.end();
  }
}
