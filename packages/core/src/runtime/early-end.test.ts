import { expect, test } from "vitest";
import { scene } from "./testing/scene.js";
import { outcome, settled } from "./testing/simulated-clock.js";

// Found by the simulator: seed 1459 of its first version.
test("who waits for a ticket hears of its end only when that is committed, though its grant is committed just now", async () => {
  const { cloud, store, durable } = scene();
  const pool = await durable({ max: 1 });
  const letAllocate = cloud.hold("allocate");
  const ticket = await pool.request();
  const waits = ticket.wait();
  await settled();
  store.hold();
  letAllocate();
  await settled();
  // Its grant waits for its commit, and its end for the next.
  void ticket.close();
  await settled();
  store.step();
  expect(await outcome(waits)).toBe("pending");
  expect(store.record<{ state: string }>("ticket", ticket.id)?.state).toBe("granted");
  store.letGo();
  expect(await outcome(waits)).toBe("rejected");
  await pool.close();
});
