import type { Provider } from "@warmpool/core";

/**
 * A provider with its outside world: what each case gets fresh. Each optional member makes further cases possible; one
 * that is left out is named in `deviations`, with the reason.
 *
 * @typeParam Data What the provider's `allocate` returns.
 * @typeParam Params What its `allocate` wants to be told.
 */
export interface ProviderHarness<Data = unknown, Params = void> {
  /** What is to be proved. */
  readonly provider: Provider<Data, Params>;
  /** What every `allocate` is asked for. Default: `undefined`. */
  readonly params?: Params;
  /** Name of the pool that things are made for. Default: `"suite"`. */
  readonly pool?: string;
  /**
   * How many things really exist right now, half-made ones included, asked of the outside world past the provider.
   * Things that were there before the case began may count: the suite looks at the difference.
   */
  count?(): number | Promise<number>;
  /** Makes a thing stop working, from outside and for good. Resolves when it has. */
  break?(data: Data): void | Promise<void>;
  /**
   * Nothing of the outside world can be reached while `during` runs: every call that the provider sends out fails.
   * Things live on meanwhile.
   */
  outage?(during: () => Promise<void>): Promise<void>;
  /** The provider as the next process would make it from the same options: it remembers nothing of this one. */
  restart?(): Provider<Data, Params> | Promise<Provider<Data, Params>>;
  /** Takes the outside world down, after the suite has deleted what the case made. */
  cleanup?(): void | Promise<void>;
}
