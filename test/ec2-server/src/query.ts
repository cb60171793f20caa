/** The parameters of a request of the query protocol, as a tree: `Filter.1.Value.2` is `Filter` → `1` → `Value` → `2`. */
export class Query {
  readonly #tree: Tree;

  private constructor(tree: Tree) {
    this.#tree = tree;
  }

  static parse(body: string): Query {
    const root: Tree = new Map();
    for (const [path, value] of new URLSearchParams(body)) {
      let at = root;
      const names = path.split(".");
      const last = names.pop() as string;
      for (const name of names) {
        const next = at.get(name);
        const child: Tree = next instanceof Map ? next : new Map();
        at.set(name, child);
        at = child;
      }
      at.set(last, value);
    }
    return new Query(root);
  }

  /** The text under a path. */
  text(path: string): string | undefined {
    const found = this.#at(path);
    return typeof found === "string" ? found : undefined;
  }

  number(path: string): number | undefined {
    const found = this.text(path);
    return found === undefined ? undefined : Number(found);
  }

  /** The items of a list of texts: `InstanceId.1`, `InstanceId.2`, … */
  texts(path: string): string[] {
    const found = this.#at(path);
    return found instanceof Map ? [...found.values()].filter((item) => typeof item === "string") : [];
  }

  /** The items of a list of structures: `Filter.1.Name`, `Filter.1.Value.1`, … */
  items(path: string): Query[] {
    const found = this.#at(path);
    if (!(found instanceof Map)) return [];
    return [...found.values()].filter((item) => item instanceof Map).map((item) => new Query(item));
  }

  /** Everything that was said, but for what is in `without`: equal for requests that ask for the same. */
  digest(without: readonly string[]): string {
    const plain = (tree: Tree): unknown =>
      [...tree]
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([name, at]) => [name, at instanceof Map ? plain(at) : at]);
    return JSON.stringify(plain(new Map([...this.#tree].filter(([name]) => !without.includes(name)))));
  }

  #at(path: string): Tree | string | undefined {
    let at: Tree | string | undefined = this.#tree;
    for (const name of path.split(".")) at = at instanceof Map ? at.get(name) : undefined;
    return at;
  }
}

type Tree = Map<string, Tree | string>;
