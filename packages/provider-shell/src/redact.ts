/**
 * Shorter values are words like "1" or "yes": they hide nothing, and blotting them out would make messages unreadable.
 */
const SHORTEST_SECRET = 4;

/** Makes a function that blots out the values of `env`, whole or line by line (a private key), in text for people. */
export function createRedact(env: Readonly<Record<string, string>>): (text: string) => string {
  const pieces: { secret: string; instead: string }[] = [];
  for (const [name, value] of Object.entries(env)) {
    for (const piece of new Set([value, ...value.split(/\r?\n/)])) {
      if (piece.trim().length >= SHORTEST_SECRET) pieces.push({ secret: piece, instead: `[env ${name}]` });
    }
  }
  // Longest first: a value may contain another.
  pieces.sort((a, b) => b.secret.length - a.secret.length);
  return (text) => pieces.reduce((result, { secret, instead }) => result.replaceAll(secret, instead), text);
}

/** How far before a cut a redacted text must begin, so that no half of a value is left at the cut. In bytes. */
export function redactionMargin(env: Readonly<Record<string, string>>): number {
  return Math.max(0, ...Object.values(env).map((value) => Buffer.byteLength(value)));
}
