import { randomBytes } from "node:crypto";
import type { ClientLike, Database } from "./database.js";
import { Pause } from "./pause.js";

/** How long a connection that was lost stays so at first, and at most; how long one is given to be made. Milliseconds. */
const RETRY = { firstMs: 100, mostMs: 5_000 };
const CONNECT_MS = 10_000;
/** Within this time a notification of ours is back, if notifications reach us at all. Until then we poll. Milliseconds. */
const ECHO_MS = 3_000;

type Ring = (payload: string) => void;

/**
 * Listens for notifications over a connection of its own. What it says may come late or never: everything that waits for it
 * also looks for itself now and then.
 */
export class Bell {
  readonly #database: Database;
  readonly #enabled: boolean;
  readonly #rings = new Map<string, Set<Ring>>();
  readonly #pause = new Pause();
  #client: ClientLike | undefined;
  /** Of that connection: it takes one statement at a time. */
  #listening: Promise<unknown> = Promise.resolve();
  #running: Promise<void> | undefined;
  #stopped = true;
  #heard = false;
  /** Called when it turns out that nothing is heard. */
  readonly #deaf: () => void;

  constructor(database: Database, enabled: boolean, deaf: () => void) {
    this.#database = database;
    this.#enabled = enabled;
    this.#deaf = deaf;
  }

  /** Notifications reach us. Otherwise only looking helps. */
  get isHeard(): boolean {
    return this.#heard;
  }

  /** Resolves when it listens, or cannot: what happens after that is told, what was before must be read. */
  async subscribe(channel: string, ring: Ring): Promise<() => void> {
    if (!this.#enabled) return () => {};
    const rings = this.#rings.get(channel) ?? new Set();
    rings.add(ring);
    this.#rings.set(channel, rings);
    if (this.#client !== undefined) await this.#listen(this.#client, channel).catch(() => {});
    return () => {
      rings.delete(ring);
      if (rings.size === 0 && this.#rings.get(channel) === rings) this.#rings.delete(channel);
    };
  }

  start(): void {
    if (!this.#enabled || !this.#stopped) return;
    this.#stopped = false;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#heard = false;
    this.#client?.release(true);
    this.#client = undefined;
    this.#pause.end();
    await this.#running;
  }

  async #run(): Promise<void> {
    let pauseMs = RETRY.firstMs;
    while (!this.#stopped) {
      try {
        await this.#listenUntilLost(() => {
          pauseMs = RETRY.firstMs;
        });
      } catch {
        // Away: those who wait look for themselves meanwhile.
      }
      this.#heard = false;
      this.#client = undefined;
      if (this.#stopped) return;
      await this.#pause.for(pauseMs);
      pauseMs = Math.min(RETRY.mostMs, pauseMs * 2);
    }
  }

  async #listenUntilLost(connected: () => void): Promise<void> {
    const client = await this.#database.connect(CONNECT_MS);
    if (this.#stopped) return client.release(true);
    let lost!: () => void;
    const whenLost = new Promise<void>((resolve) => {
      lost = resolve;
    });
    client.on("error", lost);
    client.on("end", lost);
    const echo = `echo ${randomBytes(6).toString("hex")}`;
    let echoed!: () => void;
    const whenEchoed = new Promise<void>((resolve) => {
      echoed = resolve;
    });
    client.on("notification", ({ channel, payload = "" }) => {
      if (payload === echo) return echoed();
      for (const ring of [...(this.#rings.get(channel) ?? [])]) ring(payload);
    });
    try {
      this.#client = client;
      this.#listening = Promise.resolve();
      await this.#listen(client, ECHO_CHANNEL);
      for (const channel of this.#rings.keys()) await this.#listen(client, channel);
      connected();
      // Over another connection: behind a pooler that hands out connections by transaction, nobody hears it.
      await this.#database.query({ text: "SELECT pg_notify($1, $2)", values: [ECHO_CHANNEL, echo] }, CONNECT_MS);
      this.#heard = await this.#isHeard(whenEchoed, whenLost);
      if (!this.#heard) return;
      // What happened while nobody listened.
      for (const rings of this.#rings.values()) for (const ring of [...rings]) ring("");
      await whenLost;
    } finally {
      client.release(true);
    }
  }

  async #listen(client: ClientLike, channel: string): Promise<void> {
    const listening = this.#listening.then(() => client.query({ text: `LISTEN "${channel}"` }));
    this.#listening = listening.catch(() => {});
    await listening;
  }

  /** Whether the echo comes. If not, trying again soon would be of no use; a busy machine may bring it late. */
  async #isHeard(whenEchoed: Promise<void>, whenLost: Promise<void>): Promise<boolean> {
    const comes = Promise.race([whenEchoed.then(() => true), whenLost.then(() => false)]);
    const isHeard = await Promise.race([comes, this.#pause.for(ECHO_MS).then(() => undefined)]);
    this.#pause.end();
    if (isHeard !== undefined) return isHeard;
    if (this.#stopped) return false;
    this.#deaf();
    return await Promise.race([comes, this.#pause.for(DEAF_MS).then(() => false)]);
  }
}

/** Its own channel: whoever shares the database hears it, and ignores it. */
const ECHO_CHANNEL = "warmpool_echo";
/** How long it polls before it tries to listen again. Milliseconds. */
const DEAF_MS = 300_000;
