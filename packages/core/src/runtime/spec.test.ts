import { expect, test } from "vitest";
import { digestOf } from "./spec.js";

/** FNV-1a as it is written down everywhere, of 64 bits. */
function fnv1a(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, "0");
}

test.each(["", "a", "foobar", "größer als 2³²", "\u{1f527}", "x".repeat(10_000)])(
  "the digest of %j is FNV-1a of its JSON",
  (text) => {
    expect(digestOf(text)).toBe(fnv1a(JSON.stringify(text)));
  },
);

test("the order in which something was written makes no difference, but for lists", () => {
  const digest = digestOf({ a: 1, b: { c: [1, 2], d: 2 } });
  expect(digestOf({ b: { d: 2, c: [1, 2] }, a: 1 })).toBe(digest);
  expect(digestOf({ a: 1, b: { c: [2, 1], d: 2 } })).not.toBe(digest);
});

test("what JSON cannot say is left out, and what contains itself ends", () => {
  const circular: Record<string, unknown> = { a: 1 };
  circular["self"] = circular;
  expect(digestOf(circular)).toBe(digestOf({ a: 1, run: () => {} }));
});
