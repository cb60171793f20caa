import type { World } from "../world.js";

/** `allocate` is called once for a key, ever. */
export class OncePerKey {
  readonly #world: World;
  readonly #keys = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  check(key: string): void {
    if (this.#keys.has(key)) this.#world.violated("one allocate for a key", `allocate is called again for ${key}`);
    this.#keys.add(key);
  }
}
