/** Pausing, draining and closing. */
import { describe, expect, test } from "vitest";
import { Harness } from "./testing/harness.js";
import { HOUR, MINUTE, type PoolSketch } from "./testing/policies.js";

type Step = "pause" | "resume" | "drain";

function steer(harness: Harness, how: Step, pool = "web"): void {
  harness.input((engine, nowMs) => engine[how](harness.pool(pool), nowMs));
}

function warmed(sketch: PoolSketch = {}): Harness {
  const harness = new Harness({ pools: { web: { warm: 1, ...sketch } } });
  harness.succeedAll();
  return harness;
}

describe("a paused pool", () => {
  test("lends nothing and makes nothing, and does so again when resumed", () => {
    const harness = warmed();
    steer(harness, "pause");
    const [first, second] = [harness.request(), harness.request()];
    harness.advance(MINUTE);
    expect([first.state, harness.calls().length]).toEqual(["waiting", 0]);
    steer(harness, "resume");
    expect(first.state).toBe("granted");
    harness.succeedAll();
    expect(second.state).toBe("granted");
  });

  test("takes back what was lent", () => {
    const harness = warmed();
    const ticket = harness.request();
    steer(harness, "pause");
    harness.release(ticket);
    expect(ticket.end).toBe("released");
  });

  test("keeps what it has though it is of an older spec, for it could not make another", () => {
    const harness = warmed({ warm: 3 });
    steer(harness, "pause");
    harness.configure({ web: { warm: 3, spec: "spec-2" } });
    harness.advance(HOUR);
    expect(harness.resources("ready")).toHaveLength(3);
  });

  test("lends what comes to be ready only when it is resumed", () => {
    const harness = new Harness({ pools: { web: { warm: 1 } } });
    const ticket = harness.request();
    steer(harness, "pause");
    harness.succeedAll("allocate");
    expect(ticket.state).toBe("waiting");
    steer(harness, "resume");
    expect(ticket.state).toBe("granted");
  });
});

describe("a draining pool", () => {
  test("accepts no ticket", () => {
    const harness = warmed();
    steer(harness, "drain");
    expect(harness.tryRequest("web")).toMatchObject({ rejected: "draining", pool: "web" });
  });

  test("accepts no tags that only it has", () => {
    const harness = new Harness({ pools: { web: { tags: ["a"] } } });
    steer(harness, "drain");
    expect(harness.tryRequest(undefined, { tags: ["a"] })).toMatchObject({ rejected: "no-pool" });
  });

  test("ends what is free, and keeps no buffer", () => {
    const harness = warmed({ warm: 3 });
    steer(harness, "drain");
    expect(harness.resources("deleting").map(({ reason }) => reason)).toEqual(["draining", "draining", "draining"]);
    harness.succeedAll();
    expect(harness.resources()).toEqual([]);
  });

  test("ends what comes back, though it could be lent again", () => {
    const harness = warmed({ reuse: true });
    const ticket = harness.request();
    steer(harness, "drain");
    harness.release(ticket);
    expect(harness.resources("ready")).toEqual([]);
  });

  test("serves who waited before, and ends what is left then", () => {
    const harness = new Harness({ pools: { web: { max: 1, reuse: true } } });
    const holder = harness.request();
    harness.succeedAll();
    const waiting = [harness.request(), harness.request()];
    steer(harness, "drain");
    harness.release(holder);
    for (const ticket of waiting) {
      expect(ticket.state).toBe("granted");
      harness.release(ticket);
    }
    expect(harness.resource().reason).toBe("draining");
  });

  test("makes what those who waited before need", () => {
    const harness = new Harness({ pools: { web: { max: 1 } } });
    const holder = harness.request();
    harness.succeedAll();
    const ticket = harness.request();
    steer(harness, "drain");
    harness.release(holder);
    harness.succeedAll();
    expect(ticket.state).toBe("granted");
  });

  test("ends what was kept for the last who waited when he gives up", () => {
    const harness = new Harness({ pools: { web: { max: 1 } } });
    const ticket = harness.request();
    steer(harness, "drain");
    harness.input((engine, nowMs) => engine.giveUp(ticket, "cancelled", nowMs));
    harness.succeedAll();
    expect(harness.resources()).toEqual([]);
  });

  test("hands those over whom another pool serves", () => {
    const harness = new Harness({ pools: { one: { tags: ["a"], max: 1 }, two: { tags: ["a"], max: 1 } } });
    harness.input((engine, nowMs) => engine.pause(harness.pool("two"), nowMs));
    const ticket = harness.request("", { tags: ["a"] });
    harness.input((engine, nowMs) => engine.resume(harness.pool("two"), nowMs));
    steer(harness, "drain", "one");
    harness.succeed(harness.call("allocate", "two"));
    expect(ticket.resource?.pool.name).toBe("two");
  });

  test("ends one whose last check failed as well", () => {
    const harness = new Harness({
      pools: { web: { warm: 1, max: 1 } },
      providers: { cloud: { can: { check: true } } },
    });
    harness.succeedAll();
    harness.advance(MINUTE);
    harness.fail(harness.call("check"));
    steer(harness, "drain");
    harness.tick();
    expect(harness.resource().reason).toBe("draining");
  });

  test("fills its buffer again when resumed", () => {
    const harness = warmed();
    steer(harness, "drain");
    harness.succeedAll();
    steer(harness, "resume");
    expect(harness.calls("allocate")).toHaveLength(1);
    expect(harness.request().state).toBe("waiting");
  });
});

test("each step is told, and one that changes nothing is not", () => {
  const harness = warmed();
  harness.events = [];
  for (const how of ["resume", "pause", "pause", "resume", "drain", "pause", "drain", "resume"] as const)
    steer(harness, how);
  expect(harness.happened("pool.changed").map(({ to }) => to)).toEqual(["paused", "resumed", "draining", "resumed"]);
});

describe("the end of the process", () => {
  test("keeps everything, and makes and lends nothing more", () => {
    const harness = warmed();
    const held = harness.durable();
    harness.succeedAll();
    harness.input((engine, nowMs) => engine.retire("keep", nowMs));
    const waiting = harness.request();
    harness.advance(HOUR);
    expect([held.state, waiting.state, harness.resources("ready").length, harness.calls().length]).toEqual([
      "granted",
      "waiting",
      1,
      0,
    ]);
  });

  test("may delete everything: leases are lost", () => {
    const harness = warmed();
    const held = harness.durable();
    harness.succeedAll();
    harness.input((engine, nowMs) => engine.retire("delete", nowMs));
    expect(held.end).toBe("lost");
    harness.succeedAll();
    expect(harness.resources()).toEqual([]);
  });
});
