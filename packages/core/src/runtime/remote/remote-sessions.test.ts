/** Sessions, and what they hold. */
import { describe, expect, test } from "vitest";
import { outcome, settled } from "../testing/simulated-clock.js";
import { two } from "../testing/team.js";

describe("a session", () => {
  test("that falls silent loses its leases before anybody else gets them", async () => {
    const { follower, leader, map, clock } = await two({ max: 1 });
    const lease = await follower.acquire();
    const next = leader.acquire({ timeout: "10m" });
    await settled();
    map.loses = () => true;
    await clock.advance(59_000);
    expect(lease.signal.aborted).toBe(false);
    await clock.advance(10_000);
    expect(lease.signal.aborted).toBe(true);
    expect(await outcome(next)).toBe("pending");
    await clock.advance(30_000);
    expect(await outcome(next)).toBe("resolved");
  });

  test("that is heard keeps its leases, however long", async () => {
    const { follower, clock } = await two();
    const lease = await follower.acquire();
    await clock.advance(3_600_000);
    expect(lease.active).toBe(true);
    await lease.release();
  });

  test("that falls silent has its waiting tickets cancelled, and gets in line again when it is back", async () => {
    const { follower, leader, map, clock } = await two({ max: 1, sessionTtl: "30s" });
    const held = await leader.acquire();
    const waiting = follower.acquire({ timeout: "10m" });
    await settled();
    expect(leader.stats().waiting).toBe(1);
    map.loses = () => true;
    await clock.advance(31_000);
    expect(leader.stats().waiting).toBe(0);
    map.loses = () => false;
    await clock.advance(60_000);
    await held.release();
    await clock.advance(10_000);
    expect(await outcome(waiting)).toBe("resolved");
  });

  test("that closes leaves nothing waiting", async () => {
    const { follower, leader } = await two({ max: 1 });
    await leader.acquire();
    const waiting = follower.acquire();
    await settled();
    await follower.close();
    await expect(waiting).rejects.toMatchObject({ code: "POOL_CLOSED" });
    await settled();
    expect(leader.stats().waiting).toBe(0);
  });

  test("that closes keeps what it holds until its time is over, and its holders are told then", async () => {
    const { follower, leader, clock } = await two({ max: 1 });
    const lease = await follower.acquire();
    const next = leader.acquire({ timeout: "10m" });
    await follower.close();
    await clock.advance(49_000);
    expect(lease.signal.aborted).toBe(false);
    await clock.advance(11_000);
    expect(lease.signal.reason).toMatchObject({ code: "LEASE_LOST", message: expect.stringContaining("deadline") });
    expect(await outcome(next)).toBe("pending");
    await clock.advance(11_000);
    expect(await outcome(next)).toBe("resolved");
  });

  test("whose process is known to be dead gives its leases back at once", async () => {
    const { follower, leader, map } = await two({ max: 1 });
    await follower.acquire();
    const [session] = [...map.sessions.keys()].slice(-1);
    map.loses = () => true;
    map.leader?.mail?.ended(session as string);
    expect(await outcome(leader.acquire())).toBe("resolved");
  });
});

describe("a lease from another process", () => {
  test("that is renewed by hand counts from when that was asked", async () => {
    const { follower, clock } = await two();
    const lease = await follower.acquire({ renew: "manual", ttl: "20s" });
    await clock.advance(15_000);
    await lease.renew();
    await clock.advance(15_000);
    expect(lease.active).toBe(true);
    await clock.advance(10_000);
    expect(lease.active).toBe(false);
    await expect(lease.renew()).resolves.toBeUndefined();
    expect(lease.active).toBe(true);
  });

  test("that has expired is lost, and its token does nothing any more", async () => {
    const { follower, leader, clock } = await two({ max: 1 });
    const lease = await follower.acquire({ renew: "manual", ttl: "20s" });
    await clock.advance(31_000);
    const next = await leader.acquire();
    await expect(lease.release()).rejects.toMatchObject({ code: "LEASE_LOST" });
    await clock.advance(1_000);
    expect(next.active).toBe(true);
  });

  test("is lost with its resource", async () => {
    const { follower, leader } = await two();
    const lease = await follower.acquire();
    await leader.resource(lease.resource.id).delete();
    await settled();
    expect(lease.signal.reason).toMatchObject({ code: "LEASE_LOST" });
  });

  test("can be extended", async () => {
    const { follower, clock } = await two({ lease: { ttl: "60s", lifespan: { default: "5m" } } });
    const lease = await follower.acquire();
    const until = lease.until as Date;
    const later = (await lease.extend("5m")) as Date;
    expect(later.getTime() - until.getTime()).toBe(300_000);
    await clock.advance(400_000);
    expect(lease.active).toBe(true);
    await clock.advance(201_000);
    expect(lease.active).toBe(false);
  });
});
