/** What survives being written down and read again. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/**
 * `T` if it survives JSON, otherwise a type that nothing fits. Interfaces pass as well as type literals:
 * the check looks at each property instead of asking for an index signature.
 */
export type JsonOf<T> = T extends string | number | boolean | null
  ? T
  : T extends (...args: never[]) => unknown
    ? never
    : T extends Date | Map<unknown, unknown> | Set<unknown> | Promise<unknown> | bigint | symbol | undefined
      ? never
      : T extends readonly (infer Item)[]
        ? readonly JsonOf<Item>[]
        : T extends object
          ? {
              [Key in keyof T]: undefined extends T[Key]
                ? JsonOf<Exclude<T[Key], undefined>> | undefined
                : JsonOf<T[Key]>;
            }
          : never;

/** Whether a type survives JSON: the door of durable stores, at compile time. */
export type IsJson<T> = 0 extends 1 & T ? true : unknown extends T ? true : [T] extends [JsonOf<T>] ? true : false;

/**
 * The path of the first thing in `value` that JSON would lose or change, or `undefined` if there is none.
 * `undefined` properties are left out silently, as `JSON.stringify` does.
 */
export function findNotJson(value: unknown, path = "data"): string | undefined {
  return find(value, path, []);
}

/** @param within The objects that `value` is in: meeting one of them again would never end. */
function find(value: unknown, path: string, within: readonly object[]): string | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
      return undefined;
    case "number":
      return Number.isFinite(value) ? undefined : `${path} (${value})`;
    case "undefined":
    case "function":
    case "symbol":
    case "bigint":
      return `${path} (${typeof value})`;
    case "object":
      break;
  }
  if (value === null) return undefined;
  if (within.includes(value)) return `${path} (a cycle)`;
  const inside = [...within, value];
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const found = find(item, `${path}[${index}]`, inside);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const prototype = Object.getPrototypeOf(value);
  // Not `Object.prototype`: objects of another realm (a vm context, as Jest runs tests in) are as plain.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return `${path} (a ${(value as object).constructor?.name ?? "class instance"})`;
  }
  for (const [key, item] of Object.entries(value as object)) {
    if (item === undefined) continue;
    const found = find(item, `${path}.${key}`, inside);
    if (found !== undefined) return found;
  }
  return undefined;
}
