import type { ConnectOptions, LeaderMail, LeaderPost, Letter, SessionPost } from "@warmpool/core";
import type { Process } from "./process.js";
import type { World } from "./world.js";

/** How late a late letter is at most. Milliseconds. */
const LATE_MS = 20_000;

/** Whoever leads, as far as the post knows: the newest who has listened. */
interface Leading {
  readonly process: Process;
  readonly epoch: number;
  readonly mail: LeaderMail;
}

/**
 * What carries letters between processes that share a store. It does only what a transport must (`store/post.ts`): letters are
 * lost, repeated, late, and overtake each other.
 */
export class PostOffice {
  readonly #world: World;
  readonly #sessions = new Map<string, { readonly process: Process; readonly options: ConnectOptions }>();
  #leading: Leading | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  connect(process: Process, options: ConnectOptions): SessionPost {
    const { session } = options;
    this.#sessions.set(session, { process, options });
    return {
      send: async (text) => this.#carry(process, () => this.#toLeader({ session, text })),
      close: async () => {
        if (this.#sessions.get(session)?.options === options) this.#sessions.delete(session);
      },
    };
  }

  /** When the process of a session died, if it is dead. */
  diedAtMs(session: string): number | undefined {
    return this.#sessions.get(session)?.process.diedAtMs;
  }

  /** A leader was elected. */
  lead(process: Process, epoch: number): LeaderPost {
    return {
      listen: (mail) => {
        if (epoch < (this.#leading?.epoch ?? 0)) return;
        this.#leading = { process, epoch, mail };
        this.#tellSessions();
      },
      send: async (letters) => {
        for (const letter of letters) this.#carry(process, () => this.#toSession(letter));
      },
    };
  }

  /** Some hear that there is a new leader. */
  #tellSessions(): void {
    const { random, timeline } = this.#world;
    for (const { process, options } of this.#sessions.values()) {
      if (process.alive && random.chance(0.5))
        timeline.after(random.below(1_000), () => process.deliver(options.renewed));
    }
  }

  /** Takes a letter to the post, and perhaps further. */
  #carry(from: Process, deliver: () => void): void {
    const { plan, random, nowMs } = this.#world;
    if (nowMs < from.cutOffUntilMs && plan.strikes("cut off", "letter", 0.7)) return;
    const fault = plan.one("letter", [
      ["letter lost", 0.06],
      ["letter twice", 0.1],
      ["letter late", 0.1],
    ]);
    if (fault === "letter lost") return;
    if (fault === "letter late") return from.send("letter", deliver, random.often(100, 2_000, LATE_MS));
    from.send("letter", deliver);
    if (fault === "letter twice") from.send("letter", deliver, random.below(LATE_MS));
  }

  #toLeader(letter: Letter): void {
    this.#world.note(() => `letter of ${letter.session} to ${this.#leading?.process.name}: ${letter.text}`);
    const { process, mail } = this.#leading ?? {};
    if (process === undefined || mail === undefined || this.#world.nowMs < process.cutOffUntilMs) return;
    process.deliver(() => mail.received([letter]));
  }

  #toSession({ session, text }: Letter): void {
    this.#world.note(() => `letter to ${session}: ${text}`);
    const { process, options } = this.#sessions.get(session) ?? {};
    if (process === undefined || options === undefined || this.#world.nowMs < process.cutOffUntilMs) return;
    process.deliver(() => options.receive([text]));
  }
}
