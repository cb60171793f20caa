import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { scene } from "./testing/scene.js";
import { settled } from "./testing/simulated-clock.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

async function kept(refs: readonly WeakRef<object>[]): Promise<number> {
  // What a turn has looked at through a WeakRef lives to the end of that turn.
  await settled();
  collectGarbage();
  return refs.filter((ref) => ref.deref() !== undefined).length;
}

const COUNT = 20;

test.each(["memory", "durable"] as const)("nothing keeps a lease that was released (%s)", async (kind) => {
  const pool = await scene()[kind]({ max: 2, reuse: true });
  const refs: WeakRef<object>[] = [];
  for (let count = 0; count < COUNT; count++) {
    const lease = await pool.acquire();
    refs.push(new WeakRef(lease));
    await lease.release();
  }
  // The last one may still be on the stack, or in the resource that it had.
  expect(await kept(refs)).toBeLessThan(3);
});

test("nothing keeps a ticket that was closed for keepClosed, nor its lease", async () => {
  const { durable, clock } = scene();
  const pool = await durable({ max: 2, reuse: true, keepClosed: "1m" });
  const refs: WeakRef<object>[] = [];
  for (let count = 0; count < COUNT; count++) {
    const ticket = await pool.request();
    const lease = await ticket.wait();
    refs.push(new WeakRef(ticket), new WeakRef(lease));
    await lease.release();
  }
  await clock.advance(60_000);
  expect(await kept(refs)).toBeLessThan(5);
});

test("nothing keeps who gave up waiting, nor his signal", async () => {
  const { durable } = scene();
  const pool = await durable({ max: 1 });
  await pool.acquire();
  const refs: WeakRef<object>[] = [];
  for (let count = 0; count < COUNT; count++) {
    const controller = new AbortController();
    refs.push(new WeakRef(controller));
    const waiting = pool.acquire({ signal: controller.signal });
    controller.abort();
    await waiting.catch(() => {});
  }
  expect(await kept(refs)).toBeLessThan(3);
});
