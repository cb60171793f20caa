import { addressOf, type Endpoint } from "./endpoint.js";
import type { Engine } from "./engine.js";
import { Images } from "./images.js";
import type { HostOptions, HostState } from "./options.js";
import type { Seen } from "./survey.js";
import { Survey } from "./survey.js";

/** One machine of the inventory: what it has, what is known of it, and the way to its engine. */
export class Host {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Most containers of ours; `Infinity`: no limit. */
  readonly capacity: number;
  /** Where holders reach published ports. */
  readonly address: string;
  /** Where ports are published. */
  readonly publishOn: string;
  readonly engine: Engine;
  readonly survey: Survey;
  readonly images: Images;
  /** Keys that were placed here and may not be listed yet, each with when it was made, by `performance.now()`. */
  readonly #reserved = new Map<string, number>();
  state: HostState;
  /** Why it is in this state, for people. */
  reason: string | undefined;

  constructor(options: HostOptions, endpoint: Endpoint, engine: Engine) {
    this.name = options.name;
    this.labels = options.labels ?? {};
    this.capacity = options.capacity ?? Number.POSITIVE_INFINITY;
    this.state = options.state ?? "active";
    this.address = options.address ?? addressOf(endpoint);
    this.publishOn = options.publishOn ?? (endpoint.kind === "socket" ? "127.0.0.1" : "0.0.0.0");
    this.engine = engine;
    // Its bound is the engine's timeout: it goes on for others when one of those who wait gives up.
    this.survey = new Survey(() => engine.list(new AbortController().signal));
    this.images = new Images(engine);
  }

  has(labels: Readonly<Record<string, string>>): boolean {
    return Object.entries(labels).every(([name, value]) => this.labels[name] === value);
  }

  /** How many containers of ours are here, those on their way included. */
  load({ beganAtMs, containers }: Seen): number {
    let load = containers.size;
    for (const [key, madeAtMs] of this.#reserved) {
      // A listing that began later has it, if it is there.
      if (madeAtMs < beganAtMs) this.#reserved.delete(key);
      else if (!containers.has(key)) load += 1;
    }
    return load;
  }

  /** A container of this key is to be made here: it takes a place from now on. */
  reserve(key: string): void {
    this.#reserved.set(key, Number.POSITIVE_INFINITY);
  }

  /** It was made: from now on listings tell of it. */
  made(key: string): void {
    if (this.#reserved.has(key)) this.#reserved.set(key, performance.now());
  }

  /** It takes no place any more. */
  release(key: string): void {
    this.#reserved.delete(key);
  }
}
