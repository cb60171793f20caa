import { describe, expect, test } from "vitest";
import type { ListedThing } from "./call.js";
import { type Identity, ripe, tooMany, whose } from "./reconcile.js";

const us: Identity = { installation: "ours0000", namespace: "web", epoch: 3, nextId: 100, durable: true };
const ours = { installation: "ours0000", namespace: "web", epoch: 3 };
const NOW = 50_000;

function key(installation: string, id: number): string {
  return `wp-${installation}-abcdef-${id.toString(36)}`;
}

describe("whose a listed thing is", () => {
  test.each<[string, Partial<ListedThing>, boolean, string]>([
    ["ours and recorded", { tags: ours }, true, "recorded"],
    ["ours without a record", { tags: ours }, false, "unrecorded"],
    ["a key of ours is enough", {}, false, "unrecorded"],
    ["a key of another installation is not", { key: key("theirs00", 5) }, false, "foreign"],
    ["tags count more than the key", { tags: { ...ours, installation: "theirs00" } }, false, "foreign"],
    ["what bears nothing of ours is foreign", { key: "some-vm" }, false, "foreign"],
    ["another name of ours is foreign if its tags say so", { key: "some-vm", tags: ours }, false, "unrecorded"],
    ["another namespace is foreign", { tags: { ...ours, namespace: "db" } }, false, "foreign"],
    [
      "a foreign one exactly at its own end is anyone's",
      { key: "some-vm", tags: { expiresAtMs: NOW } },
      false,
      "expired",
    ],
    ["a foreign one before its own end is not", { key: "some-vm", tags: { expiresAtMs: NOW + 1 } }, false, "foreign"],
    ["an older epoch is ours", { tags: { ...ours, epoch: 2 } }, false, "unrecorded"],
    ["a later epoch means a rolled-back store", { tags: { ...ours, epoch: 4 } }, false, "from-the-future"],
    ["the last number given is ours", { key: key("ours0000", 99) }, false, "unrecorded"],
    ["a number never given means a rolled-back store", { key: key("ours0000", 100) }, false, "from-the-future"],
  ])("%s", (_, thing, recorded, expected) => {
    expect(whose({ key: key("ours0000", 5), ...thing }, recorded, us, NOW)).toBe(expected);
  });

  test("counters in memory begin anew, so that larger numbers mean nothing", () => {
    expect(whose({ key: key("ours0000", 100) }, false, { ...us, durable: false }, NOW)).toBe("unrecorded");
  });
});

describe("an unrecorded thing is ripe", () => {
  test.each([
    ["after two sightings and the minimum age", 2, 1_000, undefined, 1_000, true],
    ["not after one sighting", 1, 0, undefined, 1_000, false],
    ["not before the minimum age", 2, 1_001, undefined, 1_000, false],
    ["by its own age, where that is known", 2, 1_999, 1_000, 1_000, true],
    ["not by its own age, if it is too young", 2, 1_600, 1_500, 1_000, false],
    ["from when it was seen, where the provider's clock is ahead", 2, 1_000, 9_000, 1_000, true],
    ["not at once, where the provider's clock is ahead", 2, 1_001, 9_000, 1_000, false],
  ])("%s", (_, sightings, firstSeenAtMs, createdAtMs, minAgeMs, expected) => {
    expect(ripe({ sightings, firstSeenAtMs, createdAtMs }, 2_000, minAgeMs)).toBe(expected);
  });
});

describe("a sweep would end too many", () => {
  test.each([
    ["up to its limit it may", 5, 100, 5, false],
    ["more than its limit it may not", 6, 100, 5, true],
    ["three of eight are over a third", 3, 8, 5, true],
    ["exactly a third is not over it", 3, 9, 5, false],
    ["two may go, though they are all there are", 2, 2, 5, false],
  ])("%s", (_, ends, known, limit, expected) => {
    expect(tooMany(ends, known, limit)).toBe(expected);
  });
});
