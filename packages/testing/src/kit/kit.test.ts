import { createPool, isWarmpoolError } from "@warmpool/core";
import { describe, expect, test } from "vitest";
import { fakeProvider } from "./fake-provider.js";
import { faultPlan, PROVIDER_FAULTS } from "./fault-plan.js";
import { simulatedClock } from "./simulated-clock.js";

describe("a simulated clock", () => {
  test("rings in order, and stands where it was told to go", async () => {
    const clock = simulatedClock({ startAt: 1_000 });
    const rung: [string, number][] = [];
    clock.after(20, () => rung.push(["second", clock.now()]));
    clock.after(10, () => rung.push(["first", clock.now()]));
    clock.after(10, () => rung.push(["never", 0])).cancel();
    await clock.advance(30);
    expect(rung).toEqual([
      ["first", 1_010],
      ["second", 1_020],
    ]);
    expect(clock.now()).toBe(1_030);
  });

  test("turns a pool's hours in an instant", async () => {
    const clock = simulatedClock();
    const provider = fakeProvider();
    const pool = createPool({ name: "web", provider, max: 1, warm: 1, maxAge: "1h", clock });
    await pool.ready();
    await clock.advance(0);
    const [before] = provider.things.keys();
    await clock.advance(3_700_000);
    const [after] = provider.things.keys();
    expect(after).not.toBe(before);
    await pool.close();
  });
});

describe("a fault plan", () => {
  test("strikes the same calls for the same seed", () => {
    const drawn = (seed: number) => {
      const plan = faultPlan({ seed, faults: { throttled: 0.5 } });
      return Array.from({ length: 20 }, () => plan.draw(PROVIDER_FAULTS)).join();
    };
    expect(drawn(1)).toBe(drawn(1));
    expect(drawn(1)).not.toBe(drawn(2));
  });

  test("counts what struck, and stops", () => {
    const plan = faultPlan({ seed: 1, faults: { throttled: 1 } });
    expect(plan.draw(["throttled"])).toBe("throttled");
    expect(plan.draw(["answer lost"])).toBeUndefined();
    plan.stop();
    expect(plan.draw(["throttled"])).toBeUndefined();
    expect(plan.counts.throttled).toBe(1);
  });

  test.each([[{ thrown: 0.1 }], [{ throttled: 2 }]])("refuses %o", (faults) => {
    expect(() => faultPlan({ seed: 1, faults: faults as never })).toThrow(
      expect.objectContaining({ name: "WarmpoolError", code: "INVALID_OPTIONS" }),
    );
  });
});

describe("a fake provider", () => {
  test("leaves nothing behind, whatever goes wrong", async () => {
    const clock = simulatedClock();
    const faults = Object.fromEntries(PROVIDER_FAULTS.map((fault) => [fault, 0.15]));
    const plan = faultPlan({ seed: 3, faults });
    const provider = fakeProvider({ plan });
    const pool = createPool({ name: "web", provider, max: 3, warm: 2, reuse: true, clock, reap: { minAge: "1m" } });
    const allStruck = () => Object.values(plan.counts).every((count) => count > 0);
    for (let round = 0; round < 50 || !allStruck(); round++) {
      const lease = await Promise.race([pool.acquire({ timeout: "5m" }), clock.advance(300_000)]).catch((error) => {
        if (!isWarmpoolError(error, "ACQUIRE_TIMEOUT")) throw error;
      });
      await lease?.release(round % 3 === 0 ? { failed: "on purpose" } : "ok");
    }
    plan.stop();
    await clock.advance(3_600_000);
    const known = (await pool.resources()).map(({ key }) => key).sort();
    expect([...provider.things.keys()].sort()).toEqual(known);
    await pool.close();
  });

  test("has things that can be broken and taken", async () => {
    const clock = simulatedClock();
    const provider = fakeProvider();
    const pool = createPool({ name: "web", provider, max: 2, warm: 2, clock });
    await pool.ready();
    await clock.advance(0);
    const [first, second] = [...provider.things.keys()] as [string, string];
    provider.break(first);
    provider.take(second);
    await clock.advance(1_200_000);
    expect([...provider.things.keys()]).not.toContain(first);
    expect(provider.things.size).toBe(2);
    await pool.close();
  });
});
