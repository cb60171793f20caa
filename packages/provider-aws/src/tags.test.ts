import type { ResourceTags } from "@warmpool/core";
import { expect, test } from "vitest";
import { decodeTags, encodeTags, keyOf, literally, namespaceValue } from "./tags.js";

const tags: ResourceTags = {
  namespace: "ci",
  installation: "abcdefgh",
  pool: "web",
  key: "wp-1",
  epoch: 3,
  expiresAtMs: 1_800_000_000_123,
};
const asListed = (encoded: Record<string, string>) => Object.entries(encoded).map(([Key, Value]) => ({ Key, Value }));

test("what was tagged is what is read", () => {
  expect(decodeTags(asListed(encodeTags(tags)))).toEqual(tags);
  const { expiresAtMs: _, ...lasting } = tags;
  expect(decodeTags(asListed(encodeTags(lasting)))).toEqual(lasting);
});

test("what is too long for EC2 is left out rather than told wrong", () => {
  const long = { ...tags, namespace: "n".repeat(300), pool: "p".repeat(257) };
  const encoded = encodeTags(long);
  expect(Math.max(...Object.values(encoded).map((value) => value.length))).toBe(256);
  expect(namespaceValue(long.namespace)).toBe("n".repeat(256));
  const { namespace: _, pool: __, ...kept } = long;
  expect(decodeTags(asListed(encoded))).toEqual(kept);
});

test("what somebody made of them by hand is left out", () => {
  const spoiled = asListed({ ...encodeTags(tags), "warmpool:epoch": "three", "warmpool:expires-at": "soon" });
  const { epoch: _, expiresAtMs: __, ...kept } = tags;
  expect(decodeTags(spoiled)).toEqual(kept);
  expect(decodeTags(undefined)).toEqual({});
  expect(keyOf([{ Key: "Name", Value: "web" }])).toBeUndefined();
});

test("a namespace is a filter for itself and nothing else", () => {
  expect(literally("a*b?c\\d")).toBe("a\\*b\\?c\\\\d");
});
