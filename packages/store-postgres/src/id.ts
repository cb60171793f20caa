import { randomBytes } from "node:crypto";

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** That many characters of `[a-z0-9]`. */
export function drawId(length: number): string {
  let id = "";
  // 252 is the largest multiple of 36 in a byte: above it, some would be drawn more often than others.
  while (id.length < length) for (const byte of randomBytes(length)) if (byte < 252) id += LETTERS[byte % 36];
  return id.slice(0, length);
}
