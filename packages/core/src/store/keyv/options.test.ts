import { Keyv } from "keyv";
import { describe, expect, test } from "vitest";
import { isWarmpoolError } from "../../model/error.js";
import { type KeyvStoreOptions, parseOptions } from "./options.js";

test("the defaults are a heartbeat a second, three missed ones for a death, and to refuse a store in use", () => {
  expect(parseOptions(new Keyv(), {})).toMatchObject({
    prefix: "warmpool",
    heartbeatMs: 1_000,
    staleAfterMs: 3_000,
    waitForOwnerMs: 0,
  });
});

test.each<[KeyvStoreOptions, object]>([
  [{ heartbeat: "200ms" }, { heartbeatMs: 200, staleAfterMs: 600 }],
  [{ staleAfter: "10s" }, { heartbeatMs: 1_000, staleAfterMs: 10_000 }],
  [{ waitForOwner: true }, { waitForOwnerMs: Number.POSITIVE_INFINITY }],
  [{ waitForOwner: "30s" }, { waitForOwnerMs: 30_000 }],
  [{ prefix: "ci.web_1-a" }, { prefix: "ci.web_1-a" }],
])("%j is %j", (options, settings) => {
  expect(parseOptions(new Keyv(), options)).toMatchObject(settings);
});

describe("what doesn't parse is INVALID_OPTIONS, and says what to write instead", () => {
  test.each<[string, unknown, unknown, string]>([
    ["no Keyv", undefined, {}, "keyv: must be a Keyv of version 5 or 6"],
    ["an adapter without its Keyv", new Map(), {}, "new Keyv({ store: adapter })"],
    ["an unknown option", new Keyv(), { heartbeet: "1s" }, "heartbeet: unknown; did you mean heartbeat?"],
    ["a prefix that separates", new Keyv(), { prefix: "a:b" }, "prefix: must be 1 to 64 letters, digits and ._-"],
    ["no prefix", new Keyv(), { prefix: "" }, "prefix: must be"],
    ["a heartbeat too fast", new Keyv(), { heartbeat: 5 }, "heartbeat: must be a duration of 20 ms to 1 min"],
    ["a heartbeat that is none", new Keyv(), { heartbeat: "often" }, "heartbeat: must be a duration"],
    ["a death before its time", new Keyv(), { staleAfter: "2s" }, "staleAfter: must be a duration of at least three"],
    ["a wait that is none", new Keyv(), { waitForOwner: "a while" }, "waitForOwner: must be true, false or a duration"],
    ["options that are none", new Keyv(), "fast", "options: must be an object"],
  ])("%s", (_, keyv, options, message) => {
    expect(String(problemsOf(keyv, options))).toContain(message);
  });

  function problemsOf(keyv: unknown, options: unknown): unknown {
    try {
      parseOptions(keyv, options as KeyvStoreOptions);
    } catch (error) {
      expect(isWarmpoolError(error, "INVALID_OPTIONS")).toBe(true);
      return error;
    }
    throw new Error("accepted");
  }
});
