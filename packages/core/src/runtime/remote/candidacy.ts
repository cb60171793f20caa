import type { Engine } from "../../engine/engine.js";
import { type ConfigurationMark, leadsAs, mayLead } from "../../model/configuration-mark.js";
import type { WarmpoolError } from "../../model/error.js";
import type { Timer } from "../clock.js";
import { configDiffers } from "../errors.js";
import type { Runtime } from "../runtime.js";

/** Who was elected and may not lead keeps out of the way, so that somebody else is: longer each time. Milliseconds. */
const KEEP_OUT = { firstMs: 2_000, maxMs: 60_000 };

/** So often it is elected, and no leader heard in between, until it counts as certain that nobody here may lead. */
const IN_VAIN = 2;

/**
 * Whether this process may lead, as far as its configuration goes. It learns of another one from whoever leads; or, when
 * nobody does, from what the last leader left behind, once it has been elected itself. Either way it says so, once, and
 * follows.
 */
export class Candidacy {
  readonly #runtime: Runtime;
  #problem: WarmpoolError<"CONFIG_DIFFERS"> | undefined;
  #stored: ConfigurationMark | undefined;
  #inVain = 0;
  #wait: { readonly timer: Timer; readonly end: () => void } | undefined;
  #giveUpHope!: (error: WarmpoolError) => void;
  /** Rejects when this process may not lead and no other does. */
  readonly hopeless = new Promise<never>((_, reject) => {
    this.#giveUpHope = reject;
  });

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.hopeless.catch(() => {});
  }

  /** Why it may not lead. */
  get problem(): WarmpoolError<"CONFIG_DIFFERS"> | undefined {
    return this.#problem;
  }

  /** What a leader says that he is configured as. */
  heard(stored: ConfigurationMark): void {
    this.#inVain = 0;
    this.#stored = stored;
    const { namespace, mark, leads } = this.#runtime.options;
    const own = mark();
    if (!leads || own === undefined || mayLead(own, stored)) this.#problem = undefined;
    else this.#say(configDiffers(namespace, own, stored));
  }

  /** It was elected, and may not lead. Resolves when it may try again. */
  async keepOut(problem: WarmpoolError<"CONFIG_DIFFERS">): Promise<void> {
    this.#say(problem);
    this.#inVain += 1;
    if (this.#inVain >= IN_VAIN) this.#giveUpHope(problem);
    const waitMs = Math.min(KEEP_OUT.maxMs, KEEP_OUT.firstMs * 2 ** Math.min(this.#inVain - 1, 10));
    await new Promise<void>((end) => {
      this.#wait = { timer: this.#runtime.options.clock.after(waitMs, end), end };
    });
  }

  #say(problem: WarmpoolError<"CONFIG_DIFFERS">): void {
    if (this.#problem?.message !== problem.message) {
      this.#runtime.options.logger.warn({ err: problem }, "this process may not lead: its configuration differs");
    }
    this.#problem = problem;
  }

  /**
   * This process is configured anew: it leads so from now on, or once it is elected.
   *
   * @throws {WarmpoolError} `CONFIG_DIFFERS` if it may not; then nothing has changed.
   */
  async reconfigure(mark: ConfigurationMark, apply: (engine: Engine | undefined) => void): Promise<void> {
    const { life, options } = this.#runtime;
    const stored = life?.engine.ledger.counters.configuration ?? this.#stored;
    if (stored !== undefined && !mayLead(mark, stored)) throw configDiffers(options.namespace, mark, stored);
    apply(life?.engine);
    if (life === undefined) return this.configured();
    life.engine.ledger.counters.configuration = leadsAs(mark, stored);
    this.#runtime.after(life);
    life.counter?.tellConfiguration();
    await this.#runtime.process.until(life.committer.committed());
  }

  /** It is configured anew, or closes: there is nothing to wait for. */
  configured(): void {
    this.#problem = undefined;
    this.#wait?.timer.cancel();
    this.#wait?.end();
  }
}
