/** How much is asked of EC2 while many wait. */
import type { Ec2Server } from "@warmpool/test-ec2";
import { expect, test } from "vitest";
import { access, account, context, keyOf, made, providerOf, request } from "./account.js";

/** Calls by their action, from here on. */
function counter(server: Ec2Server): (action: string) => number {
  const from = server.seen.length;
  return (action) => server.seen.slice(from).filter((seen) => seen.action === action).length;
}

test("whoever waits, waits for the same readings: 100 launches and 100 deletes", async () => {
  const server = await account();
  Object.assign(server.cloud.weather, { pendingMs: 300, statusMs: 300, shuttingDownMs: 300 });
  const provider = providerOf(server, { pollEvery: 100, ...access(server) });
  const keys = Array.from({ length: 100 }, (_, n) => keyOf(n));
  let [count, beganAtMs] = [counter(server), performance.now()];
  /** As many readings as there was time for, and no more. */
  const readings = () => Math.ceil((performance.now() - beganAtMs) / 100) + 1;
  const fleet = await Promise.all(
    keys.map(async (key) => made(await provider.allocate(request({ key }), context()), key)),
  );
  expect(count("RunInstances")).toBe(100);
  expect(count("DescribeInstances")).toBeLessThanOrEqual(readings());
  expect(count("DescribeInstanceStatus")).toBeLessThanOrEqual(readings());

  [count, beganAtMs] = [counter(server), performance.now()];
  await Promise.all(fleet.map((each) => provider.delete(each, context())));
  expect(server.cloud.alive()).toEqual([]);
  expect(count("TerminateInstances")).toBe(100);
  expect(count("DescribeInstances")).toBeLessThanOrEqual(readings());
});
