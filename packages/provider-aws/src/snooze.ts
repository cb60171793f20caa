import type { Choice } from "./choice.js";

/** Which choices were exhausted lately, and when each may be tried again. */
export class Snoozes {
  readonly #forMs: number;
  readonly #untilMs = new Map<string, number>();

  /** @param forMs How long a choice is passed over, in milliseconds. */
  constructor(forMs: number) {
    this.#forMs = forMs;
  }

  /** @param code What EC2 said: it tells how far the exhaustion reaches. */
  exhausted(choice: Choice, code: string): void {
    this.#untilMs.set(nameOf(reachOf(choice, code)), performance.now() + this.#forMs);
  }

  /**
   * Those that may be tried, in their order. If all are snoozed, the one that wakes first: there may be something again,
   * and somebody has to ask. How often is up to the pool's backoff.
   */
  awake(choices: readonly Choice[]): readonly Choice[] {
    const nowMs = performance.now();
    const awake = choices.filter((choice) => this.#wakesAtMs(choice) <= nowMs);
    if (awake.length > 0) return awake;
    const [first] = [...choices].sort((one, other) => this.#wakesAtMs(one) - this.#wakesAtMs(other));
    return first === undefined ? [] : [first];
  }

  #wakesAtMs({ type, place, market }: Choice): number {
    const reaches: Choice[] = [
      { type, place, market },
      { type, place: undefined, market },
      { type: undefined, place, market: undefined },
      { type: undefined, place: undefined, market },
    ];
    return Math.max(0, ...reaches.map((reach) => this.#untilMs.get(nameOf(reach)) ?? 0));
  }
}

/** What a refusal says something about: `undefined` stands for all. */
function reachOf({ type, place, market }: Choice, code: string): Choice {
  switch (code) {
    case "InsufficientFreeAddressesInSubnet":
      return { type: undefined, place, market: undefined };
    case "MaxSpotInstanceCountExceeded":
      return { type: undefined, place: undefined, market };
    case "VcpuLimitExceeded":
    case "InstanceLimitExceeded":
      // Limits are of families of types, and of a region.
      return { type, place: undefined, market };
    default:
      return { type, place, market };
  }
}

function nameOf({ type, place, market }: Choice): string {
  return JSON.stringify([type ?? null, place ?? null, market ?? null]);
}
