import { expect, test } from "vitest";
import { WarmpoolError } from "./error.js";
import { LETTER_FORMAT, readLeaderLetter, readSessionLetter } from "./letter.js";
import { type Failed, fromFailed, mistakeIn, toFailed } from "./message.js";

const order = { owner: "me", item: { pool: "web", count: 1 }, priority: 0, renewal: "session" };

test.each([
  [{ type: "hello", open: [1], held: [[1, 2, 3]] }],
  [{ type: "acquire", call: 1, order }],
  [{ type: "request", call: 1, order: { ...order, requestId: "a", waitMs: 5, ttlMs: 7 } }],
  [{ type: "watch", call: 1, ticket: 4 }],
  [{ type: "giveUp", call: 1, how: "timed-out" }],
  [{ type: "release", call: 1, lease: [1, 2], verdict: { failed: "it is broken" }, again: true }],
  [{ type: "renew", call: 1, lease: [1, 2] }],
  [{ type: "extend", call: 1, lease: [1, 2], untilMs: 1_000 }],
  [{ type: "update", call: 1, lease: [1, 2], userData: { step: 1, gone: null } }],
  [{ type: "release", call: 1, lease: [1, 2], verdict: { condition: "dirty" } }],
  [
    {
      type: "acquire",
      call: 1,
      order: { ...order, item: { count: 1, alias: "a", selector: { minLifeMs: 5, set: "b" } } },
    },
  ],
  [{ type: "lapse", lease: [1, 2] }],
  [{ type: "close", call: 1, ticket: 4 }],
  [{ type: "ask", call: 1, question: "stats", about: [] }],
  [{ type: "listen", on: true }],
  [{ type: "bye" }],
])("a message is understood: %j", (message) => {
  expect(mistakeIn(message)).toBeUndefined();
});

test.each([
  [null, "a message is no object"],
  [{ type: "toString" }, 'a message is of type "toString", which this release does not know'],
  [{ type: "sing" }, 'a message is of type "sing", which this release does not know'],
  [{ type: "acquire", call: -1, order }, "call of message acquire is -1"],
  [{ type: "acquire", call: 1, order: { ...order, owner: "" } }, "order of message acquire is {"],
  [{ type: "acquire", call: 1, order: { ...order, item: { count: 1, tags: [5] } } }, "order of message acquire is {"],
  [
    { type: "acquire", call: 1, order: { ...order, item: { count: 1, selector: { name: 5 } } } },
    "order of message acquire is {",
  ],
  [{ type: "update", call: 1, lease: [1, 2], userData: [] }, "userData of message update is []"],
  [{ type: "acquire", call: 1, order: { ...order, lifespan: 5 } }, "order of message acquire is {"],
  [{ type: "release", call: 1, lease: [1], verdict: "ok" }, "lease of message release is [1]"],
  [{ type: "release", call: 1, lease: [1, 2], verdict: "fine" }, 'verdict of message release is "fine"'],
  [{ type: "hello", open: [], held: [[1, 2]] }, "held of message hello is [[1,2]]"],
])("a message is not understood: %j", (message, mistake) => {
  expect(mistakeIn(message)).toContain(mistake);
});

const letter = { v: LETTER_FORMAT, epoch: 1, stream: 1, first: 1, heard: 0, body: [], at: [1, 2], ttlMs: 10 };

test.each([
  ["{", "is not JSON"],
  ["[]", "no format version"],
  [JSON.stringify({ ...letter, v: LETTER_FORMAT + 1 }), "Upgrade @warmpool/core"],
  [JSON.stringify({ ...letter, epoch: "one" }), "must be counts"],
  [JSON.stringify({ ...letter, body: {} }), "is no list"],
  [JSON.stringify({ ...letter, at: [1] }), "no proper at"],
  [JSON.stringify({ ...letter, ttlMs: 0 }), "no proper at and ttlMs"],
])("a session's letter cannot be read: %s", (text, why) => {
  const { failed } = readSessionLetter(text) as Failed;
  expect(failed).toMatchObject({ code: "PROTOCOL_MISMATCH", message: expect.stringContaining(why) });
});

test("a letter is read", () => {
  expect(readSessionLetter(JSON.stringify(letter))).toEqual(letter);
  expect(readLeaderLetter(JSON.stringify(letter))).toEqual(letter);
  expect(readLeaderLetter(JSON.stringify({ ...letter, at: "now" }))).toHaveProperty("failed");
});

test("an error is the same at the other side, with the message of its cause", () => {
  const cause = new Error("the zone is full");
  const error = new WarmpoolError("REFUSED", "No.", { details: { ticket: 1, reason: "no" }, cause });
  const there = fromFailed(JSON.parse(JSON.stringify(toFailed(error))));
  expect(there).toMatchObject({ code: "REFUSED", message: "No.", details: { ticket: 1, reason: "no" } });
  expect((there.cause as Error).message).toBe("the zone is full");
});
