import { describe, expect, test } from "vitest";
import { failing, MapStore } from "./testing/map-store.js";
import { scene } from "./testing/scene.js";
import { outcome, settled } from "./testing/simulated-clock.js";

describe("a signal", () => {
  test("that has aborted already rejects at once, and asks for nothing", async () => {
    const { memory, cloud } = scene();
    const pool = await memory();
    const acquire = pool.acquire({ signal: AbortSignal.abort("enough") });
    await expect(acquire).rejects.toMatchObject({ code: "ABORTED", name: "AbortError", cause: "enough" });
    await settled();
    expect(cloud.calls).toEqual([]);
  });

  test("that aborts ends the wait; its reason is the cause", async () => {
    const { memory } = scene();
    const pool = await memory({ max: 1, reuse: true });
    const held = await pool.acquire();
    const controller = new AbortController();
    const waiting = pool.acquire({ signal: controller.signal });
    const other = pool.acquire();
    controller.abort(new Error("the user left"));
    await expect(waiting).rejects.toMatchObject({
      code: "ABORTED",
      name: "AbortError",
      cause: new Error("the user left"),
    });
    expect(pool.stats().waiting).toBe(1);
    await held.release();
    await other;
  });

  test("that aborts after the lease was given changes nothing", async () => {
    const { memory } = scene();
    const controller = new AbortController();
    const lease = await (await memory()).acquire({ signal: controller.signal });
    controller.abort();
    expect(lease.active).toBe(true);
    expect(lease.signal.aborted).toBe(false);
  });

  test("that aborts before the store is open ends the wait", async () => {
    const { create, store, cloud } = scene();
    const letGo = store.holdOpening();
    const pool = create({ store });
    const controller = new AbortController();
    const waiting = pool.acquire({ signal: controller.signal });
    controller.abort("enough");
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED", cause: "enough" });
    letGo();
    await settled();
    expect(cloud.calls).toEqual([]);
  });

  test("has no listeners left once the wait is over", async () => {
    const { memory } = scene();
    const pool = await memory({ max: 1, reuse: true });
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = ((...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    }) as typeof add;
    signal.removeEventListener = ((...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    }) as typeof remove;
    const held = await pool.acquire();
    const waiting = pool.acquire({ signal });
    await held.release();
    await waiting;
    expect(listeners).toBe(0);
  });
});

describe("a grant that is being committed", () => {
  /** A pool with one free resource, whose next commits the test decides about. */
  const setUp = async () => {
    const made = scene();
    const pool = await made.durable({ max: 1, warm: 1, reuse: true });
    await settled();
    made.store.hold();
    return { ...made, pool };
  };

  test("goes back when the signal aborts", async () => {
    const { pool, store } = await setUp();
    const controller = new AbortController();
    const waiting = pool.acquire({ signal: controller.signal });
    await settled();
    expect(store.waiting).toBe(1);
    controller.abort("too late");
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED", cause: "too late" });
    store.letGo();
    await settled();
    expect(pool.stats().resources).toMatchObject({ ready: 1, leased: 0 });
    await pool.acquire({ timeout: 0 });
  });

  test("goes back when the timeout comes", async () => {
    const { pool, store, clock } = await setUp();
    const waiting = pool.acquire({ timeout: "2s" });
    const error = waiting.catch((reason: Error) => reason);
    await clock.advance(2_000);
    expect(await error).toMatchObject({
      code: "ACQUIRE_TIMEOUT",
      message: "No resource within 2s. One was found, but the store did not confirm it in time.",
    });
    store.letGo();
    await settled();
    expect(pool.stats().resources).toMatchObject({ ready: 1, leased: 0 });
  });

  test.each([
    ["fails and is repeated", "fails"],
    ["is made but not confirmed", "loses its answer"],
  ] as const)("goes back when the signal aborts and the commit %s", async (_, fault) => {
    const { pool, store, clock } = await setUp();
    const controller = new AbortController();
    const waiting = pool.acquire({ signal: controller.signal });
    await settled();
    store.faults.push(fault);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
    store.letGo();
    await clock.advance(1_000);
    expect(pool.stats().resources).toMatchObject({ ready: 1, leased: 0 });
    expect(await pool.leases()).toEqual([]);
  });

  test("goes back when the signal aborts and the engine is loaded anew", async () => {
    const { pool, store, clock } = await setUp();
    const controller = new AbortController();
    const waiting = pool.acquire({ signal: controller.signal });
    await settled();
    store.step();
    // The grant is committed, what follows is not: the store knows a lease that nobody has.
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
    store.faults.push("is fenced");
    store.letGo();
    await clock.advance(1_000);
    expect(pool.stats().resources).toMatchObject({ ready: 1, leased: 0 });
    await pool.acquire({ timeout: 0 });
  });

  test("of a resource that dies meanwhile is followed by another", async () => {
    const { pool, store, clock } = await setUp();
    const waiting = pool.acquire();
    await settled();
    const deleted = pool.resource(1).delete();
    store.letGo();
    await deleted;
    expect(await outcome(waiting)).toBe("pending");
    // The grace that a holder would have had.
    await clock.advance(30_000);
    expect((await waiting).resource.id).toBe(2);
  });
});

describe("while the store is opened anew", () => {
  const setUp = async () => {
    const made = scene();
    const pool = await made.durable({ max: 1, reuse: true });
    const held = await pool.acquire();
    return { ...made, pool, held };
  };

  /** The next commit is refused, and the store is not opened again before the test says so. */
  const lose = async (store: MapStore, pool: Awaited<ReturnType<typeof setUp>>["pool"]) => {
    const letGo = store.holdOpening();
    store.faults.push("is fenced");
    const paused = pool.resume();
    await settled();
    return async () => {
      letGo();
      await paused;
    };
  };

  test("a wait ends by its signal", async () => {
    const { pool, store } = await setUp();
    const controller = new AbortController();
    const waiting = pool.acquire({ signal: controller.signal });
    await settled();
    const reopen = await lose(store, pool);
    controller.abort("enough");
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED", cause: "enough" });
    await reopen();
    await settled();
    expect(pool.stats().waiting).toBe(0);
  });

  test("a wait ends by its timeout", async () => {
    const { pool, store, clock } = await setUp();
    const waiting = pool.acquire({ timeout: "10s" });
    const error = waiting.catch((reason: Error) => reason);
    const reopen = await lose(store, pool);
    await clock.advance(10_000);
    expect(await error).toMatchObject({ code: "ACQUIRE_TIMEOUT" });
    await reopen();
    expect(pool.stats().waiting).toBe(0);
  });

  test("a new wait waits for it", async () => {
    const { pool, store, held } = await setUp();
    const reopen = await lose(store, pool);
    const waiting = pool.acquire();
    expect(await outcome(waiting)).toBe("pending");
    await reopen();
    await held.release();
    expect((await waiting).active).toBe(true);
  });

  test("too many waits are refused with STORE_BUSY", async () => {
    const { create, store } = scene();
    const letGo = store.holdOpening();
    const pool = create({ store, backlog: 2 });
    const waiting = [pool.acquire(), pool.acquire()];
    await expect(pool.acquire()).rejects.toMatchObject({ code: "STORE_BUSY", details: { waiting: 2, limit: 2 } });
    letGo();
    await Promise.all(waiting);
  });
});

test("a store that cannot be opened rejects every wait with its reason", async () => {
  const store = new MapStore();
  store.refusals.push(failing("map"));
  const pool = scene().create({ store });
  await expect(pool.acquire()).rejects.toMatchObject({ code: "STORE_FAILED" });
  await expect(pool.ready()).rejects.toMatchObject({ code: "STORE_FAILED" });
  await expect(pool.request()).rejects.toMatchObject({ code: "STORE_FAILED" });
  expect(() => pool.stats()).toThrow(expect.objectContaining({ code: "STORE_FAILED" }));
});
