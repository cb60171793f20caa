import { expect, test } from "vitest";
import type { OpenOptions, StoreSession } from "../store/store.js";
import { MapStore } from "./testing/map-store.js";
import { scene } from "./testing/scene.js";
import { outcome, settled } from "./testing/simulated-clock.js";

/** A store that several processes share, and whose leaderships the test ends. */
class ElectingStore extends MapStore {
  override readonly shared = true as never;
  readonly leaderTtlMs = 10_000;
  leftMs = 5_000;
  end!: () => void;

  override async open(namespace: string, options: OpenOptions = {}): Promise<StoreSession> {
    const session = await super.open(namespace, options);
    const ended = new Promise<void>((resolve) => {
      this.end = resolve;
    });
    const store = this;
    return Object.assign(session, {
      leadership: {
        get leftMs() {
          return store.leftMs;
        },
        ended,
      },
    });
  }
}

test("no provider call begins when another process may lead", async () => {
  const { cloud, durable } = scene();
  const store = new ElectingStore();
  const pool = await durable({ store });
  store.leftMs = 0;
  void pool.acquire().catch(() => {});
  await settled();
  expect(cloud.count("allocate")).toBe(0);
  await pool.close();
});

test("a grant that was committed in time is not told of when another process may lead", async () => {
  const { durable } = scene();
  const store = new ElectingStore();
  const pool = await durable({ store, warm: 1 });
  await settled();
  store.hold();
  const acquired = pool.acquire();
  await settled();
  store.leftMs = 0;
  store.letGo();
  expect(await outcome(acquired)).toBe("pending");
  // It leads again, and nobody did in between.
  store.leftMs = 5_000;
  store.end();
  expect(await outcome(acquired)).toBe("resolved");
  await pool.close();
});

test("a leadership that ended is followed by another opening", async () => {
  const { durable } = scene();
  const store = new ElectingStore();
  const pool = await durable({ store });
  store.end();
  await settled();
  expect(store.opened).toBe(2);
  await pool.close();
});

test("a lease is its holder's for one ttl after its process may have ceased to lead, and goes back when it leads again", async () => {
  const { clock, durable } = scene();
  const store = new ElectingStore();
  const pool = await durable({ store, warm: 1, lease: { ttl: "1m" } });
  const lease = await pool.acquire();
  const letOpen = store.holdOpening();
  store.end();
  await clock.advance(5_000 + 60_000 - 1);
  expect(lease.active).toBe(true);
  await clock.advance(1);
  expect([lease.active, lease.signal.aborted]).toEqual([false, true]);
  letOpen();
  await settled();
  expect(store.record("ticket", lease.ticket)).toBeUndefined();
  await pool.close();
});

test("a renewal counts only when this process leads for certain", async () => {
  const { clock, durable } = scene();
  const store = new ElectingStore();
  const pool = await durable({ store, warm: 1 });
  const lease = await pool.acquire({ renew: "manual", ttl: "1m" });
  store.leftMs = 0;
  const letOpen = store.holdOpening();
  const renewed = lease.renew();
  expect(await outcome(renewed)).toBe("pending");
  store.leftMs = 5_000;
  letOpen();
  await clock.advance(0);
  expect(await outcome(renewed)).toBe("resolved");
  await pool.close();
});

test("what an earlier leader began is settled only when he cannot go on with it any more", async () => {
  const { clock, cloud, durable } = scene();
  const store = new ElectingStore();
  const provider = cloud.provider(["find"], { settlesWithin: "1m" });
  const letAllocate = cloud.hold("allocate");
  const first = await durable({ store, provider, warm: 1, max: 1 });
  await settled();
  expect(cloud.count("allocate")).toBe(1);
  const second = await durable({ store, provider, warm: 1, max: 1 });
  await clock.advance(10_000 + 60_000 - 1);
  expect(cloud.count("find")).toBe(0);
  await clock.advance(1);
  expect(cloud.count("find")).toBe(1);
  letAllocate();
  await first.close();
  await second.close();
});
