import { describe, expect, test } from "vitest";
import { isWarmpoolError } from "../model/error.js";
import { Orders } from "./orders.js";

function orders(acquireTimeoutMs = () => 300_000): Orders {
  return new Orders({ owner: "host:1", session: "s", acquireTimeoutMs, confirmMs: 5_000, nowMs: () => 0 }, "web");
}

describe("an order", () => {
  test("of nothing in particular has the defaults", () => {
    expect(orders().toAcquire(undefined)).toEqual({
      owner: "host:1",
      session: "s",
      requestId: undefined,
      item: { pool: "web", count: 1 },
      priority: 0,
      atOnce: false,
      waitMs: 300_000,
      ttlMs: undefined,
      renewal: "session",
      lifespan: undefined,
      startAtMs: undefined,
      group: undefined,
    });
  });

  test("of the same is the same order", () => {
    const some = orders();
    expect(some.toAcquire(undefined)).toBe(some.toAcquire(undefined));
    expect(some.toAcquire({ timeout: "30s", owner: "me" })).toBe(some.toAcquire({ timeout: "30s", owner: "me" }));
  });

  test("is another one when what was given is left out for something undefined", () => {
    const some = orders();
    expect(some.toAcquire({ timeout: "30s", priority: 2 }).priority).toBe(2);
    expect(some.toAcquire({ timeout: "30s", owner: undefined } as object).priority).toBe(0);
  });

  test("of the pool by its name is that of nothing in particular", () => {
    const some = orders();
    expect(some.toAcquire({ pool: "web" })).toBe(some.toAcquire(undefined));
    expect(some.toAcquire({ pool: "web", owner: "me" }).owner).toBe("me");
  });

  test.each([null, 5, "web"])("cannot be made of %j", (options) => {
    const some = orders();
    some.toAcquire(undefined);
    expect(() => some.toAcquire(options as never)).toThrow("must be an object");
  });

  test.each([
    ["timeout", { timeout: "1s" }, { waitMs: 1_000 }],
    ["owner", { timeout: "30s", owner: "you" }, { owner: "you" }],
    ["priority", { timeout: "30s", priority: 2 }, { priority: 2 }],
    ["ttl", { timeout: "30s", ttl: "5s" }, { ttlMs: 5_000 }],
    ["renewal", { timeout: "30s", renew: "manual" }, { renewal: "manual" }],
    ["tags", { timeout: "30s", tags: ["b", "a", "b"] }, { item: { pool: "web", tags: ["a", "b"], count: 1 } }],
    ["wait of 0", { timeout: 0 }, { atOnce: true, waitMs: 5_000 }],
  ] as const)("with another %s is another order", (_, options, expected) => {
    const some = orders();
    some.toAcquire({ timeout: "30s" });
    expect(some.toAcquire(options)).toMatchObject(expected);
    expect(some.toAcquire({ timeout: "30s" })).toMatchObject({ waitMs: 30_000, owner: "host:1", priority: 0 });
  });

  test("does not depend on what becomes of a list of tags later", () => {
    const some = orders();
    const tags = ["a"];
    some.toAcquire({ tags });
    tags.push("b");
    expect(some.toAcquire({ tags }).item.tags).toEqual(["a", "b"]);
  });

  test("has new defaults when these have changed", () => {
    let timeoutMs = 1_000;
    const some = orders(() => timeoutMs);
    some.toAcquire(undefined);
    some.toAcquire({ owner: "me" });
    timeoutMs = 2_000;
    some.forget();
    expect(some.toAcquire(undefined).waitMs).toBe(2_000);
    expect(some.toAcquire({ owner: "me" }).waitMs).toBe(2_000);
  });
});

describe("what is wrong is found although something like it was right before", () => {
  const { signal } = new AbortController();
  test.each<[string, object, object]>([
    ["a misspelt key", { timeout: "30s" }, { timeout: "30s", ownr: "me" }],
    [
      "a misspelt key instead of one that was undefined",
      { timeout: "30s", owner: undefined },
      { timeout: "30s", ownr: "me" },
    ],
    ["a misspelt key instead of a signal", { timeout: "30s", signal }, { timeout: "30s", signl: signal }],
    ["a signal that is none", { timeout: "30s", signal }, { timeout: "30s", signal: "now" }],
    ["a wrong timeout", { timeout: "30s" }, { timeout: "30" }],
  ])("%s", (_, right, wrong) => {
    const some = orders();
    some.toAcquire(right);
    try {
      some.toAcquire(wrong);
      expect.unreachable();
    } catch (error) {
      expect(isWarmpoolError(error, "INVALID_OPTIONS")).toBe(true);
    }
    some.toAcquire(right);
  });
});
