import { expect, test } from "vitest";
import type { Sighting } from "./sighting.js";
import { Survey } from "./survey.js";

const NEVER = new AbortController().signal;

/** A survey whose listings end when the test says so, each with a container named after its number. */
function surveyed() {
  const pending: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const survey = new Survey(() => {
    const key = String(pending.length + 1);
    return new Promise((resolve, reject) => pending.push({ resolve: () => resolve([{ key } as Sighting]), reject }));
  });
  const keyIn = async (seen: ReturnType<Survey["fresh"]>) => [...(await seen).containers.keys()][0];
  return { survey, pending, keyIn };
}

/** Everything that waits for nothing but itself. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("who asks while a listing is under way gets the next one, with all others who asked meanwhile", async () => {
  const { survey, pending, keyIn } = surveyed();
  const first = keyIn(survey.fresh(NEVER));
  const [second, third] = [keyIn(survey.fresh(NEVER)), keyIn(survey.fresh(NEVER))];
  expect(pending).toHaveLength(1);
  pending[0]!.resolve();
  expect(await first).toBe("1");
  await settled();
  expect(pending).toHaveLength(2);
  pending[1]!.resolve();
  expect([await second, await third]).toEqual(["2", "2"]);
});

test("a listing that fails is the failure of those who waited for it, not of the next", async () => {
  const { survey, pending, keyIn } = surveyed();
  const [first, second] = [survey.fresh(NEVER), keyIn(survey.fresh(NEVER))];
  pending[0]!.reject(new Error("no answer"));
  await expect(first).rejects.toThrow("no answer");
  await settled();
  pending[1]!.resolve();
  expect(await second).toBe("2");
});

test("who gives up leaves the others their listing", async () => {
  const { survey, pending, keyIn } = surveyed();
  const controller = new AbortController();
  const first = survey.fresh(controller.signal);
  const second = keyIn(survey.fresh(NEVER));
  controller.abort(new Error("enough"));
  await expect(first).rejects.toThrow("enough");
  pending[0]!.resolve();
  await settled();
  pending[1]!.resolve();
  expect(await second).toBe("2");
});

test("a listing that is young enough serves, one that is older or failed does not", async () => {
  const { survey, pending, keyIn } = surveyed();
  const first = keyIn(survey.recent(60_000, NEVER));
  const joined = keyIn(survey.recent(60_000, NEVER));
  pending[0]!.resolve();
  expect([await first, await joined, await keyIn(survey.recent(60_000, NEVER))]).toEqual(["1", "1", "1"]);
  const newer = keyIn(survey.recent(-1, NEVER));
  pending[1]!.resolve();
  expect(await newer).toBe("2");
});
