import { describe, expect, test } from "vitest";
import { Harness } from "./testing/harness.js";
import type { PoolSketch } from "./testing/policies.js";
import { HOUR, MINUTE, SECOND } from "./testing/policies.js";

const lease = { ttlMs: MINUTE, graceMs: 30 * SECOND };

function lent(sketch: PoolSketch = {}, ticket: object = {}, can: object = {}) {
  const harness = new Harness({ pools: { web: { lease, max: 1, ...sketch } }, providers: { cloud: { can } } });
  const holder = harness.durable("web", { ttlMs: MINUTE, ...ticket });
  harness.succeedAll("list");
  harness.succeed(harness.call("allocate"));
  return { harness, holder, resource: harness.resource("leased") };
}

describe("a lease", () => {
  test("has a token larger than all before, over restarts too", () => {
    const { harness, holder } = lent({ max: 3 });
    harness.restart();
    const other = harness.durable();
    harness.succeed(harness.call("allocate"));
    expect(other.token).toBeGreaterThan(holder.token);
  });

  test("is overdue at its deadline: its holder is told, and keeps it", () => {
    const { harness, holder } = lent();
    harness.advance(MINUTE);
    expect(harness.told("overdue")).toEqual([holder]);
    expect(holder.state).toBe("granted");
  });

  test("is overdue once, however often it is looked at", () => {
    const { harness } = lent();
    harness.advance(MINUTE);
    harness.tick();
    harness.advance(10 * SECOND);
    expect(harness.told("overdue")).toHaveLength(1);
    expect(harness.happened("lease.overdue")).toEqual([{ graceMs: 30 * SECOND, passed: "ttl" }]);
  });

  test("is over when its grace has passed as well", () => {
    const { harness, holder, resource } = lent();
    harness.advance(MINUTE + 30 * SECOND - 1);
    expect(holder.state).toBe("granted");
    harness.advance(1);
    expect([holder.state, holder.end]).toEqual(["closed", "expired"]);
    expect([resource.state, resource.reason]).toEqual(["deleting", "expired"]);
    expect(harness.told("closed")).toEqual([holder]);
  });

  test("that is renewed begins its ttl anew", () => {
    const { harness, holder } = lent();
    harness.advance(59 * SECOND);
    harness.input((engine, nowMs) => engine.renew(holder, nowMs));
    harness.advance(59 * SECOND);
    expect(harness.told("overdue")).toEqual([]);
    harness.advance(SECOND);
    expect(harness.told("overdue")).toEqual([holder]);
  });

  test("that is renewed within its grace revives, and may be overdue again", () => {
    const { harness, holder } = lent();
    harness.advance(MINUTE + 29 * SECOND);
    harness.input((engine, nowMs) => engine.renew(holder, nowMs));
    harness.advance(MINUTE);
    expect(holder.state).toBe("granted");
    expect(harness.told("overdue")).toEqual([holder, holder]);
  });

  test("that is released within its grace was released", () => {
    const { harness, holder } = lent();
    harness.advance(MINUTE + 29 * SECOND);
    harness.release(holder);
    expect(holder.end).toBe("released");
  });

  test("of this process's session runs for as long as the session lives", () => {
    const harness = new Harness({ pools: { web: { lease, warm: 1 } } });
    harness.succeedAll();
    const holder = harness.request();
    harness.advance(HOUR);
    expect(holder.state).toBe("granted");
  });

  test("of this process's session that its holder renews by hand runs for its ttl", () => {
    const harness = new Harness({ pools: { web: { lease, warm: 1 } } });
    harness.succeedAll();
    const holder = harness.request("web", { renewal: "manual" });
    harness.input((engine) => engine.delivered(holder));
    harness.advance(MINUTE);
    expect(harness.told("overdue")).toEqual([holder]);
  });

  test("of another session runs for its ttl", () => {
    const harness = new Harness({ pools: { web: { lease, warm: 1 } } });
    harness.succeedAll();
    const holder = harness.request("web", { session: "another" });
    harness.input((engine) => engine.delivered(holder));
    harness.advance(MINUTE + 30 * SECOND);
    expect(holder.end).toBe("expired");
  });

  test("that belongs to nobody has no ttl unless asked for", () => {
    const { harness, holder } = lent({}, { ttlMs: undefined });
    harness.advance(24 * HOUR);
    expect(holder.state).toBe("granted");
  });

  test("gets one full ttl in a new epoch, for renewals are not written down", () => {
    const { harness, holder } = lent();
    harness.advance(50 * SECOND);
    harness.restart();
    const again = harness.ledger.tickets.get(holder.id);
    harness.advance(59 * SECOND);
    expect(again?.overdue).toBe(false);
    harness.advance(SECOND);
    expect(again?.overdue).toBe(true);
  });
});

describe("a released resource", () => {
  test("is deleted where each is lent once", () => {
    const { harness, holder, resource } = lent();
    harness.release(holder);
    expect([holder.end, resource.state, resource.reason]).toEqual(["released", "deleting", "released"]);
    expect(harness.pool().totals).toMatchObject({ made: 1, granted: 1, released: 1, lost: 0 });
  });

  test("is reset for the next where they are reused", () => {
    const { harness, holder, resource } = lent({ reuse: true }, {}, { reset: true });
    const next = harness.request();
    harness.release(holder);
    expect([resource.state, next.state]).toEqual(["resetting", "waiting"]);
    harness.succeed(harness.call("reset"), { fresh: true });
    expect([next.state, next.resource]).toEqual(["granted", resource]);
    expect(resource.data).toEqual({ fresh: true });
  });

  test("whose reset fails is deleted", () => {
    const { harness, holder, resource } = lent({ reuse: true }, {}, { reset: true });
    harness.release(holder);
    harness.fail(harness.call("reset"));
    expect([resource.state, resource.reason]).toEqual(["deleting", "reset-failed"]);
  });

  test("whose reset takes too long is deleted, when the reset has come to its end or was waited for long enough", () => {
    const { harness, holder } = lent({ reuse: true }, {}, { reset: true });
    harness.release(holder);
    harness.expire(harness.call("reset"));
    expect(harness.calls("delete")).toEqual([]);
    harness.advance(30 * SECOND);
    expect(harness.calls("delete")).toHaveLength(1);
  });

  test("that failed is kept for a person, with the holder's words", () => {
    const { harness, holder, resource } = lent({ onFailed: "hold", holdForMs: HOUR });
    harness.release(holder, { failed: "the disk is full" });
    expect([resource.state, resource.note, holder.reason]).toEqual(["held", "the disk is full", "the disk is full"]);
    harness.advance(HOUR - 1);
    expect(resource.state).toBe("held");
    harness.advance(1);
    expect([resource.state, resource.reason]).toEqual(["deleting", "hold-ended"]);
  });

  test("that is too old by then is not lent again", () => {
    const { harness, holder, resource } = lent({ reuse: true, maxAgeMs: MINUTE }, { ttlMs: undefined });
    harness.advance(MINUTE);
    harness.release(holder);
    expect(resource.reason).toBe("too-old");
  });

  test("is lent again until it is worn out", () => {
    const { harness, holder, resource } = lent({ reuse: true, maxUses: 2 });
    harness.release(holder);
    const second = harness.request();
    expect(second.resource).toBe(resource);
    harness.release(second);
    expect(resource.reason).toBe("worn-out");
  });
});

describe("a lease whose resource is lost", () => {
  function lost() {
    const scene = lent();
    scene.harness.input((engine, nowMs) => engine.remove(scene.resource, nowMs));
    return scene;
  }

  test("ends at once, and its holder is told why", () => {
    const { harness, holder } = lost();
    expect([holder.state, holder.end, holder.reason]).toEqual(["closed", "lost", "deleted by an operator"]);
    expect(harness.told("closed")).toEqual([holder]);
  });

  test("keeps the resource from others while its grace runs", () => {
    const { harness, resource } = lost();
    harness.advance(30 * SECOND - 1);
    expect([resource.state, resource.ticket]).toEqual(["leased", undefined]);
    harness.advance(1);
    expect([resource.state, resource.reason]).toEqual(["deleting", "lost"]);
  });

  test("keeps its grace over a restart", () => {
    const { harness, resource } = lost();
    harness.advance(20 * SECOND);
    harness.restart();
    const again = harness.resource();
    expect([again.state, again.untilAtMs]).toEqual(["leased", resource.untilAtMs]);
    harness.advance(10 * SECOND);
    expect(again.state).toBe("deleting");
  });

  test("has one full grace at most when the clock was set back over a restart", () => {
    const { harness } = lost();
    harness.nowMs -= 7_200 * SECOND;
    harness.restart();
    const again = harness.resource();
    harness.advance(30 * SECOND - 1);
    expect(again.state).toBe("leased");
    harness.advance(1);
    expect(again.state).toBe("deleting");
  });

  test("is not lost twice", () => {
    const { harness, resource } = lost();
    harness.input((engine, nowMs) => engine.remove(resource, nowMs));
    expect(harness.told("closed")).toHaveLength(1);
    expect(harness.pool().totals.lost).toBe(1);
  });
});
