import type { Provider } from "../provider/provider.js";

const utf8 = new TextEncoder();

/**
 * A digest of what a pool's resources are made from: its provider's name and spec, and its params. Resources with another
 * one have drifted, and are replaced.
 */
export function specOf(provider: Provider<unknown, unknown>, params: unknown): string {
  return digestOf([provider.name, provider.spec, params]);
}

/** A digest of what JSON can say of a value, in whatever order its parts were written. */
export function digestOf(value: unknown): string {
  return digest(canonical(value));
}

/** JSON with sorted keys: the order in which options were written does not matter. What JSON cannot say is left out. */
export function canonical(value: unknown): string {
  const seen = new Set<unknown>();
  const sorted = (item: unknown): unknown => {
    if (typeof item !== "object" || item === null) return typeof item === "bigint" ? String(item) : item;
    if (seen.has(item)) return undefined;
    seen.add(item);
    if (Array.isArray(item)) return item.map(sorted);
    const parts = item as Readonly<Record<string, unknown>>;
    return Object.fromEntries(
      Object.keys(parts)
        .sort()
        .map((key) => [key, sorted(parts[key])]),
    );
  };
  return JSON.stringify(sorted(value)) ?? "";
}

/** 64 bits of FNV-1a, in two halves, for a BigInt takes ten times as long: it tells specs apart, and keeps nobody out. */
function digest(text: string): string {
  let [high, low] = [0xcbf29ce4, 0x84222325];
  for (const byte of utf8.encode(text)) {
    const mixed = (low ^ byte) >>> 0;
    // Times 2^40 + 0x1b3: what leaves the lower half goes into the upper one.
    const product = mixed * 0x1b3;
    low = product >>> 0;
    high = (high * 0x1b3 + Math.floor(product / 2 ** 32) + ((mixed << 8) >>> 0)) >>> 0;
  }
  return [high, low].map((half) => half.toString(16).padStart(8, "0")).join("");
}
