import assert from "node:assert/strict";

/**
 * What a durable store gives back of `value`, frozen: a provider must not change what it is handed.
 *
 * @throws {AssertionError} When JSON loses or changes something. Properties that are `undefined` may get lost.
 */
export function throughJson(value: unknown, what: string): unknown {
  let restored: unknown;
  try {
    const text = JSON.stringify(value);
    restored = text === undefined ? undefined : JSON.parse(text);
  } catch (error) {
    assert.fail(`${what} is not JSON: ${(error as Error).message}`);
  }
  assert.deepStrictEqual(restored, withoutUndefined(value), `${what} does not survive JSON`);
  return freeze(restored);
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const kept = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutUndefined(item)]));
}

function freeze(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  for (const item of Object.values(value)) freeze(item);
  return Object.freeze(value);
}
