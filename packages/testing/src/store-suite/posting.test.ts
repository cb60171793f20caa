import { describe, expect, test } from "vitest";
import { carelessPost, type PostMistake } from "./careless-post.js";
import { carelessHarness } from "./careless-store.js";
import { POSTING_CASES, type PostingCaseName } from "./store-cases.js";
import { storeSuite } from "./store-suite.js";

/** The case that finds each mistake. Others may find it too. */
const FOUND_BY: Record<PostMistake, PostingCaseName> = {
  "letters end after 8,000 bytes": "a session's letter reaches whoever leads, whole and with the session's id",
  "every session gets every letter": "a leader's letter reaches the session it is for, and no other",
  "all namespaces share a post": "letters of one namespace are of no other",
  "the first leader keeps the post": "a leader that comes later is reached by the same session",
  "a closed connection goes on receiving": "the same id resumes a session",
  "closing a post closes the store":
    "closing a session's post twice is closing it once, and leaves an opened namespace be",
  "the signal of a connection is not looked at": "connecting can be given up",
};

/** Runs one case, and returns what it failed with. */
async function failureOf(name: string, create: () => ReturnType<typeof carelessPost>): Promise<unknown> {
  let failure: unknown;
  const cases: (() => Promise<void>)[] = [];
  storeSuite({ test: (each, run) => void (each === name && cases.push(run)), create, posts: true });
  for (const run of cases) await run().catch((error: unknown) => (failure = error));
  return failure;
}

describe("a transport that loses every other letter, and does everything else right, passes", () => {
  const names = new Set<string>(Object.keys(POSTING_CASES));
  storeSuite({
    test: (name, run) => void (names.has(name) && test(name, run)),
    create: () => carelessPost(),
    posts: true,
  });
});

describe("a transport with one mistake fails", () => {
  test.concurrent.for(Object.entries(FOUND_BY))("%s: found by “%s”", async ([mistake, name], { expect }) => {
    expect(await failureOf(name, () => carelessPost(mistake as PostMistake))).toBeDefined();
  });

  test("every case is there for some mistake", () => {
    expect([...new Set(Object.values(FOUND_BY))].sort()).toEqual(Object.keys(POSTING_CASES).sort());
  });
});

test("a store that connects sessions has to prove its letters", async () => {
  const failures: unknown[] = [];
  const cases: (() => Promise<void>)[] = [];
  storeSuite({ test: (_, run) => void cases.push(run), create: () => carelessPost() });
  await cases[0]?.().catch((error: unknown) => failures.push(error));
  expect(String(failures[0])).toContain("posts: true");
  expect(carelessHarness().store.connect).toBeUndefined();
});
