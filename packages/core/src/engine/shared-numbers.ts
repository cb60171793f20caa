import type { Resource } from "./resource.js";
import { Slots } from "./slots.js";

/** Numbers that resources of several pools share out among them: for each counter that their pools name, the smallest free one. */
export class SharedNumbers {
  readonly #byCounter = new Map<string, Slots>();

  take(resource: Resource): void {
    const taken: Record<string, number> = {};
    for (const counter of resource.pool.policy.counters) taken[counter] = this.#of(counter).take();
    resource.mark({ counters: taken });
  }

  give({ marks }: Resource): void {
    for (const [counter, number] of Object.entries(marks.counters ?? {})) this.#of(counter).give(number);
  }

  /** Those of a record of an earlier life. */
  claim({ marks }: Resource): void {
    for (const [counter, number] of Object.entries(marks.counters ?? {})) this.#of(counter).claim(number);
  }

  #of(counter: string): Slots {
    let numbers = this.#byCounter.get(counter);
    if (numbers === undefined) {
      numbers = new Slots();
      this.#byCounter.set(counter, numbers);
    }
    return numbers;
  }
}
