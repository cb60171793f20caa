/** The engine says when it must be woken up, and never asks for it without end. */
import { expect, test } from "vitest";
import { Harness } from "./testing/harness.js";
import { HOUR, MINUTE } from "./testing/policies.js";
import { Random } from "./testing/random.js";

test("an engine with nothing to do never wakes up", () => {
  expect(new Harness().engine.wakeAtMs).toBe(Number.POSITIVE_INFINITY);
});

test("time that has passed is heeded, however late the engine is woken up", () => {
  const harness = new Harness({ pools: { web: { lease: { graceMs: MINUTE } } } });
  const ticket = harness.durable("web", { ttlMs: MINUTE });
  harness.succeedAll();
  const waiting = harness.request("web", { timeoutMs: MINUTE });
  harness.nowMs += HOUR;
  harness.tick();
  expect([ticket.end, waiting.end]).toEqual(["expired", "timed-out"]);
});

test("time never goes back, whatever clock it was read from", () => {
  const harness = new Harness();
  const ticket = harness.request("web", { timeoutMs: MINUTE });
  harness.nowMs -= HOUR;
  harness.tick();
  expect([ticket.state, harness.ledger.nowMs]).toEqual(["waiting", 1_000_000]);
});

test("ticking early changes nothing, and ticking twice at one time no more than once", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = new Random(seed);
    const can = { check: true, find: true, list: true, reset: true };
    const harness = new Harness({ pools: { web: { warm: 2, max: 3, reuse: true } }, providers: { cloud: { can } } });
    for (let step = 0; step < 60; step++) {
      const call = random.pick(harness.running);
      if (call !== undefined && call.kind !== "list") random.chance(0.6) ? harness.succeed(call) : harness.fail(call);
      else if (call !== undefined) harness.succeedAll("list");
      if (random.chance(0.3)) harness.durable("web", { ttlMs: MINUTE, timeoutMs: 5 * MINUTE });
      harness.advance(random.below(MINUTE));
      const before = JSON.stringify([
        [...harness.mirror.resources],
        [...harness.mirror.tickets],
        harness.running.length,
      ]);
      for (let i = 0; i < 3; i++) harness.tick();
      const after = JSON.stringify([
        [...harness.mirror.resources],
        [...harness.mirror.tickets],
        harness.running.length,
      ]);
      expect(after, `seed ${seed}, step ${step}`).toBe(before);
    }
  }
});
