const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

/** A random id of `[a-z0-9]`, unguessable. */
export function drawId(length: number): string {
  let id = "";
  while (id.length < length) {
    // 252 is the largest multiple of 36 in a byte: larger ones would favour the first letters.
    for (const byte of crypto.getRandomValues(new Uint8Array(length))) {
      if (byte < 252 && id.length < length) id += ALPHABET[byte % 36];
    }
  }
  return id;
}
