/**
 * Shorter values are words like "1" or "yes": they hide nothing, and blotting them out would make messages unreadable.
 */
const SHORTEST_SECRET = 4;

/** Values that may stand in no message. */
export class Secrets {
  #longestFirst: string[] = [];

  /** From now on these are blotted out, whole or line by line (a private key). */
  hide(values: Iterable<string>): void {
    const secrets = new Set(this.#longestFirst);
    for (const value of values) {
      for (const piece of [value, ...value.split(/\r?\n/)]) {
        if (piece.trim().length >= SHORTEST_SECRET) secrets.add(piece);
      }
    }
    // A value may contain another.
    this.#longestFirst = [...secrets].sort((a, b) => b.length - a.length);
  }

  redact(text: string): string {
    return this.#longestFirst.reduce((result, secret) => result.replaceAll(secret, "[secret]"), text);
  }
}

/** Of what a container is made from. */
export function secretsIn(container: {
  readonly env?: Readonly<Record<string, string>>;
  readonly build?: string | { readonly args?: Readonly<Record<string, string>> };
  readonly createOptions?: Readonly<Record<string, unknown>>;
}): string[] {
  const { env = {}, build, createOptions = {} } = container;
  const args = typeof build === "object" ? Object.values(build.args ?? {}) : [];
  const variables = Array.isArray(createOptions["Env"]) ? createOptions["Env"].map(String) : [];
  return [...Object.values(env), ...args, ...variables.map((variable) => variable.slice(variable.indexOf("=") + 1))];
}
