import { describe, expect, test } from "vitest";
import { Patience } from "./patience.ts";

describe("patience", () => {
  const look = (...seen: readonly (readonly [atMs: number, what: string])[]) => {
    const patience = new Patience(0, 100, 300);
    return seen.map(([atMs, what]) => patience.problem(what, atMs)).at(-1);
  };

  test("ends when nothing has changed for too long", () => {
    expect(look([0, "a waits"], [101, "a waits"])).toMatch("nothing has changed for 100 ms");
  });

  test("begins anew with each change", () => {
    expect(look([0, "a and b wait"], [90, "a waits"], [189, "a waits"])).toBeUndefined();
    expect(look([0, "a and b wait"], [90, "a waits"], [191, "a waits"])).toBeDefined();
  });

  test("ends also when something changes all the time and nothing comes of it", () => {
    expect(look([0, "a"], [90, "b"], [180, "a"], [270, "b"], [300, "a"])).toBeUndefined();
    expect(look([0, "a"], [90, "b"], [180, "a"], [270, "b"], [301, "a"])).toMatch("after 300 ms");
  });
});
