import { expect, test } from "vitest";
import { drawId } from "./id.js";
import { formatKey, parseKey } from "./key.js";

test.each([1, 35, 36, 1_000_000, Number.MAX_SAFE_INTEGER])("number %d survives being a key", (id) => {
  const key = formatKey("abcdefgh", "xyz123", id);
  expect(key).toMatch(/^[a-z0-9-]{1,40}$/);
  expect(parseKey(key)).toEqual({ installation: "abcdefgh", epochId: "xyz123", id });
});

test.each(["", "wp-", "wp-abcdefgh-xyz123", "wp-abcdefgh-xyz123-", "WP-abcdefgh-xyz123-1", "xwp-abcdefgh-xyz123-1"])(
  "%j is no key of ours",
  (key) => {
    expect(parseKey(key)).toBeUndefined();
  },
);

test("a number that is too large to be one of ours is none", () => {
  expect(parseKey("wp-abcdefgh-xyz123-zzzzzzzzzzz")).toBeUndefined();
});

test("drawn ids have the length that was asked for, of a to z and 0 to 9, and differ", () => {
  const ids = Array.from({ length: 200 }, () => drawId(16));
  for (const id of ids) expect(id).toMatch(/^[a-z0-9]{16}$/);
  expect(new Set(ids).size).toBe(200);
  expect(new Set(ids.join("")).size).toBe(36);
  expect(drawId(0)).toBe("");
});
