import { describe, expect, test } from "vitest";
import { LETTER_FORMAT } from "../../model/letter.js";
import { createPool } from "../pool.js";
import { SharedMapStore } from "../testing/shared-map-store.js";
import { outcome, settled } from "../testing/simulated-clock.js";
import { team, two } from "../testing/team.js";

describe("a process that follows", () => {
  test("acquires from the one that leads, and gives back", async () => {
    const { follower, map, cloud } = await two();
    const lease = await follower.acquire();
    expect(lease.data).toEqual({ n: 1 });
    expect(lease.resource.key).toBe([...cloud.things.keys()][0]);
    expect(map.record("ticket", lease.ticket)).toMatchObject({ state: "granted", lease: { token: lease.token } });
    await lease.release();
    expect(map.record("ticket", lease.ticket)).toBeUndefined();
  });

  test("never makes anything itself", async () => {
    const { follower, leader, cloud } = await two({ warm: 0 });
    await follower.acquire();
    expect(cloud.count("allocate")).toBe(1);
    expect(leader.stats().resources.leased).toBe(1);
  });

  test("waits in the same line as those of the one that leads", async () => {
    const { follower, leader } = await two({ max: 1 });
    const first = await leader.acquire();
    const second = follower.acquire();
    await settled();
    const third = leader.acquire();
    await settled();
    await first.release();
    const lease = await second;
    expect(await outcome(third)).toBe("pending");
    await lease.release();
    await third;
  });

  test("is told what it did wrong as the one that leads is", async () => {
    const { follower } = await two();
    const manager = follower as unknown as { request(options: object): Promise<unknown> };
    await manager.request({ requestId: "one" });
    await expect(manager.request({ requestId: "one", priority: 7 })).rejects.toMatchObject({
      code: "REQUEST_CONFLICT",
      details: { requestId: "one" },
    });
    await expect(follower.explain(99)).rejects.toMatchObject({ code: "NO_SUCH_TICKET", details: { ticket: 99 } });
  });

  test("sees and steers", async () => {
    const { follower, leader, clock } = await two();
    await follower.ready();
    expect(follower.stats()).toMatchObject({ name: "pool", max: 2, resources: { ready: 1 } });
    const lease = await follower.acquire({ owner: "me" });
    expect(await follower.leases({ owner: "me" })).toHaveLength(1);
    expect(await follower.resources({ state: "leased" })).toMatchObject([{ id: lease.resource.id }]);
    await follower.pause();
    expect(leader.stats().mode).toBe("paused");
    await follower.resume();
    await follower.resource(lease.resource.id).delete();
    expect(lease.signal.aborted).toBe(true);
    follower.stats();
    await clock.advance(1_000);
    follower.stats();
    await settled();
    expect(follower.stats().resources.leased).toBe(1);
  });

  test("hears events", async () => {
    const { follower, leader } = await two();
    const heard: string[] = [];
    follower.on("ticket.changed", ({ data }) => heard.push(data.to));
    await settled();
    const lease = await leader.acquire();
    await lease.release();
    await settled();
    expect(heard).toEqual(["granted", "closed"]);
  });

  test("has no numbers before it has heard any", async () => {
    const { join } = team();
    const alone = await join({ role: "client", provider: undefined, max: undefined } as never);
    expect(() => alone.stats()).toThrow(expect.objectContaining({ code: "NOT_READY" }));
    await alone.close();
  });
});

describe("waiting for another process", () => {
  test("ends when its time is over, and says what kept it", async () => {
    const { follower, leader, clock } = await two({ max: 1 });
    await leader.acquire();
    const waiting = follower.acquire({ timeout: "5s" });
    void clock.advance(5_000);
    await expect(waiting).rejects.toMatchObject({
      code: "ACQUIRE_TIMEOUT",
      message: expect.stringContaining("all 1 places are taken"),
    });
    expect(leader.stats().waiting).toBe(0);
  });

  test("ends when its time is over though nobody leads, and says so", async () => {
    const { follower, map, clock } = await two();
    map.loses = () => true;
    const waiting = follower.acquire({ timeout: "5s" });
    void clock.advance(6_000);
    await expect(waiting).rejects.toMatchObject({
      code: "ACQUIRE_TIMEOUT",
      message: expect.stringContaining("No process that leads"),
    });
  });

  test("with no time takes what is free, or nothing", async () => {
    const { follower } = await two({ max: 1 });
    const lease = await follower.acquire({ timeout: 0 });
    await expect(follower.acquire({ timeout: 0 })).rejects.toMatchObject({ code: "ACQUIRE_TIMEOUT" });
    await lease.release();
  });

  test("ends by its signal, and leaves no ticket behind", async () => {
    const { follower, leader } = await two({ max: 1 });
    await leader.acquire();
    const controller = new AbortController();
    const waiting = follower.acquire({ signal: controller.signal });
    await settled();
    expect(leader.stats().waiting).toBe(1);
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
    await settled();
    expect(leader.stats().waiting).toBe(0);
  });

  test("a grant that comes for somebody who gave up goes back unused", async () => {
    const { follower, leader, map, clock } = await two();
    const controller = new AbortController();
    map.loses = (from) => from === "leader";
    const waiting = follower.acquire({ signal: controller.signal });
    await settled();
    expect(leader.stats().resources.leased).toBe(1);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
    map.loses = () => false;
    await clock.advance(10_000);
    expect(leader.stats().resources).toMatchObject({ leased: 0, ready: 2 });
  });
});

describe("letters", () => {
  test("that are lost are sent again", async () => {
    const { follower, map, clock } = await two();
    let n = 0;
    map.loses = () => n++ % 5 < 2;
    const cycle = async () => {
      for (let time = 0; time < 5; time++) await (await follower.acquire()).release();
    };
    const done = cycle();
    await clock.advance(200_000);
    expect(await outcome(done)).toBe("resolved");
  });

  test("that arrive twice make one ticket", async () => {
    const { follower, leader, map } = await two({ max: 3 });
    map.loses = (from, letter) => {
      if (from === "session") queueMicrotask(() => map.leader?.mail?.received([letter]));
      return false;
    };
    await follower.acquire();
    await settled();
    expect(leader.stats().resources.leased).toBe(1);
    expect(await leader.tickets()).toHaveLength(1);
  });

  test("that cannot be read, or are of a later release, are answered and change nothing", async () => {
    const { follower, leader, map } = await two();
    const [session] = [...map.sessions.keys()].slice(-1);
    const mail = map.leader?.mail;
    const before = map.sent.length;
    mail?.received([{ session: session as string, text: "{" }]);
    mail?.received([{ session: session as string, text: JSON.stringify({ v: LETTER_FORMAT + 1 }) }]);
    await settled();
    const refusals = map.sent.slice(before).map(({ letter }) => JSON.parse(letter.text).refused?.failed.code);
    expect(refusals).toContain("PROTOCOL_MISMATCH");
    await (await follower.acquire()).release();
    await (await leader.acquire()).release();
  });
});

describe("role: client", () => {
  test("never leads, and needs no provider", async () => {
    const { join, map, clock, leader } = await two();
    const client = createPool<{ n: number }>({ name: "pool", role: "client", store: new SharedMapStore(map), clock });
    const lease = await client.acquire();
    expect(lease.data.n).toBe(1);
    await lease.release();
    await client.close();
    await leader.close();
    await (await join()).close();
  });

  test("waits until somebody leads", async () => {
    const { join, map, clock } = team();
    const client = createPool<{ n: number }>({ name: "pool", role: "client", store: new SharedMapStore(map), clock });
    const waiting = client.acquire({ ttl: "10s" });
    await clock.advance(20_000);
    expect(await outcome(waiting)).toBe("pending");
    await join();
    await clock.advance(10_000);
    expect(await outcome(waiting)).toBe("resolved");
  });
});
