import { expect, test } from "vitest";
import { SimulatedClock } from "../testing/simulated-clock.js";
import { Channel, type Passage } from "./channel.js";

/** A channel whose letters the test carries. */
function side(clock: SimulatedClock) {
  const letters: Passage[] = [];
  const channel: Channel = new Channel({
    after: (ms, run) => clock.after(ms, run),
    wantsToSend: () => letters.push(channel.compose()),
  });
  return { channel, letters };
}

function pair() {
  const clock = new SimulatedClock();
  const one = side(clock);
  const other = side(clock);
  return { clock, one, other };
}

test("messages are heard in their order", () => {
  const { one, other } = pair();
  one.channel.say("a");
  one.channel.say("b");
  const heard = one.letters.flatMap((letter) => other.channel.take(letter));
  expect(heard).toEqual(["a", "b"]);
});

test("a letter that arrives twice is heard once", () => {
  const { one, other } = pair();
  one.channel.say("a");
  const [letter] = one.letters as [Passage];
  expect(other.channel.take(letter)).toEqual(["a"]);
  expect(other.channel.take(letter)).toEqual([]);
});

test("a letter that overtook another waits for it", () => {
  const { one, other } = pair();
  for (const message of ["a", "b", "c"]) one.channel.say(message);
  const [a, b, c] = one.letters as [Passage, Passage, Passage];
  expect(other.channel.take(c)).toEqual([]);
  expect(other.channel.take(b)).toEqual([]);
  expect(other.channel.take(a)).toEqual(["a", "b", "c"]);
});

test("what is lost is said again until it is confirmed, after ever longer pauses", async () => {
  const { clock, one, other } = pair();
  one.channel.say("a");
  one.letters.length = 0;
  await clock.advance(1_000);
  expect(one.letters).toHaveLength(1);
  await clock.advance(2_000);
  expect(one.letters).toHaveLength(2);
  expect(other.channel.take(one.letters[1] as Passage)).toEqual(["a"]);
  await clock.advance(100);
  one.channel.take(other.letters.at(-1) as Passage);
  expect(one.channel.unconfirmed).toBe(0);
  await clock.advance(60_000);
  expect(one.letters).toHaveLength(2);
});

test("a letter said again brings what came since, and only that is new", () => {
  const { one, other } = pair();
  one.channel.say("a");
  other.channel.take(one.letters[0] as Passage);
  one.channel.say("b");
  one.channel.sayAgain();
  expect(other.channel.take(one.letters.at(-1) as Passage)).toEqual(["b"]);
});

test("a confirmation goes with whatever is said, or soon by itself", async () => {
  const { clock, one, other } = pair();
  one.channel.say("a");
  other.channel.take(one.letters[0] as Passage);
  expect(other.letters).toHaveLength(0);
  await clock.advance(100);
  expect(other.letters).toEqual([{ first: 1, heard: 1, body: [] }]);
});

test("a confirmation of what was never said confirms nothing", () => {
  const { one } = pair();
  one.channel.say("a");
  one.channel.take({ first: 1, heard: 7, body: [] });
  expect(one.channel.unconfirmed).toBe(1);
});
