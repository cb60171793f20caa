import type { Provider } from "../provider/provider.js";

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
function canonical(value: unknown): string {
  const seen = new Set<unknown>();
  const sorted = (item: unknown): unknown => {
    if (typeof item !== "object" || item === null) return typeof item === "bigint" ? String(item) : item;
    if (seen.has(item)) return undefined;
    seen.add(item);
    if (Array.isArray(item)) return item.map(sorted);
    const entries = Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, part]) => [key, sorted(part)]));
  };
  return JSON.stringify(sorted(value)) ?? "";
}

/** 64 bits of FNV-1a: it tells specs apart, and keeps nobody out. */
function digest(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, "0");
}
