/** Blots secrets out of text for people. */
export type Redact = (text: string) => string;

/** Shorter ones are words: they hide nothing, and blotting them out would make messages unreadable. */
const SHORTEST = 4;

/** The secrets of one session: services repeat what they were sent. */
export class Secrets {
  readonly #known: Set<string>;
  /** Newest last. */
  readonly #tokens: string[] = [];

  constructor(known: readonly (string | undefined)[]) {
    this.#known = new Set(known.filter((secret) => secret !== undefined && secret.length >= SHORTEST) as string[]);
  }

  /** A token that the session has got. The last few count: requests under way may still bear them. */
  addToken(token: string): void {
    this.#tokens.push(token);
    if (this.#tokens.length > 8) this.#tokens.shift();
  }

  readonly redact: Redact = (text) => {
    let result = text;
    for (const secret of [...this.#tokens, ...this.#known]) result = result.replaceAll(secret, "[secret]");
    return result;
  };
}
