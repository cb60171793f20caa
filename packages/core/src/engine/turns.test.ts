import { expect, test } from "vitest";
import { Turns } from "./turns.js";

function taken(count: number, weights: readonly (readonly [string, number])[], turns = new Turns()): string {
  return Array.from({ length: count }, () => turns.next(weights)).join("");
}

test.each<[string, (readonly [string, number])[], string]>([
  [
    "equal ones take turns",
    [
      ["a", 1],
      ["b", 1],
    ],
    "ababab",
  ],
  [
    "by their weights, evenly spread",
    [
      ["a", 2],
      ["b", 1],
    ],
    "abaaba",
  ],
  [
    "a heavy one does not come in a row for long",
    [
      ["a", 5],
      ["b", 1],
      ["c", 1],
    ],
    "aabacaa",
  ],
  [
    "one of weight 0 comes only if there is no other",
    [
      ["a", 1],
      ["b", 0],
    ],
    "aaaa",
  ],
  ["a single one has every turn", [["a", 3]], "aaa"],
])("%s", (_, weights, expected) => {
  expect(taken(expected.length, weights)).toBe(expected);
});

test("who joins later gets its share from then on", () => {
  const turns = new Turns();
  taken(10, [["a", 1]], turns);
  expect(
    taken(
      4,
      [
        ["a", 1],
        ["b", 1],
      ],
      turns,
    ),
  ).toBe("abab");
});

test("without any, it is nobody's turn", () => {
  expect(new Turns().next([])).toBeUndefined();
});
