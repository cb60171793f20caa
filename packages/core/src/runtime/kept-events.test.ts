import fc from "fast-check";
import { expect, test } from "vitest";
import { KeptEvents } from "./kept-events.js";

const NEVER = Number.POSITIVE_INFINITY;
const at = (seq: number, atMs = seq) => ({ seq, atMs });
const seqs = (events: readonly { seq: number }[]) => events.map(({ seq }) => seq);

test.each([
  ["no more than are kept", { keep: 2, keepForMs: NEVER }, [1, 2, 3, 4], [3, 4]],
  ["none that is too old", { keep: 9, keepForMs: 10 }, [1, 5, 15, 16], [15, 16]],
  ["one that is exactly as old as allowed", { keep: 9, keepForMs: 10 }, [5, 15], [5, 15]],
  ["the newest, though nothing else", { keep: 1, keepForMs: 1 }, [1, 100], [100]],
] as const)("it has %s", (_, retention, given, kept) => {
  const events = new KeptEvents(retention);
  for (const seq of given) events.add(at(seq));
  expect(seqs(events.after(0, 99))).toEqual(kept);
  expect([events.first?.seq, events.last?.seq]).toEqual([kept[0], kept.at(-1)]);
});

test("what was too much from the beginning goes with the next one", () => {
  const events = new KeptEvents({ keep: 2, keepForMs: NEVER }, [at(1), at(2), at(3)]);
  expect(seqs(events.add(at(4)))).toEqual([1, 2]);
});

test("whatever is added, it lets go of the oldest first, each once, and finds what comes after any number", () => {
  const step = fc.record({ seq: fc.integer({ min: 1, max: 4 }), ms: fc.integer({ min: 0, max: 30 }) });
  const retention = fc.record({ keep: fc.integer({ min: 1, max: 20 }), keepForMs: fc.constantFrom(NEVER, 40, 200) });
  fc.assert(
    fc.property(retention, fc.array(step, { maxLength: 200 }), fc.nat(300), (limits, steps, after) => {
      const events = new KeptEvents(limits);
      const all: { seq: number; atMs: number }[] = [];
      const gone: number[] = [];
      let last = at(0);
      for (const { seq, ms } of steps) {
        last = at(last.seq + seq, last.atMs + ms);
        all.push(last);
        gone.push(...seqs(events.add(last)));
        const kept = all.filter(
          (one, index) => index >= all.length - limits.keep && one.atMs >= last.atMs - limits.keepForMs,
        );
        expect(seqs(events.after(0, 999))).toEqual(seqs(kept));
      }
      expect(gone).toEqual(seqs(all).slice(0, gone.length));
      const found = all.slice(gone.length).filter(({ seq }) => seq > after);
      expect(seqs(events.after(after, 5))).toEqual(seqs(found).slice(0, 5));
    }),
  );
});
