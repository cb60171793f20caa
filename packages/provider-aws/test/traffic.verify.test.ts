/** How much is asked of EC2 for 500 instances: it grows with pages, not with instances. */
import type { Ec2Server } from "@warmpool/test-ec2";
import { expect, test } from "vitest";
import { account, context, keyOf, made, providerOf, request } from "./account.js";

const INSTANCES = 500;

/** Calls by their action, from here on. */
function counter(server: Ec2Server): (action: string) => number {
  const from = server.seen.length;
  return (action) => server.seen.slice(from).filter((seen) => seen.action === action).length;
}

/** A call that may take its time. */
const patient = () => context({ signal: AbortSignal.timeout(120_000) });

/** An account with so many instances of ours. The making of them is not what is measured. */
async function with500() {
  const server = await account();
  const provider = providerOf(server, { pollEvery: 500 });
  const keys = Array.from({ length: INSTANCES }, (_, n) => keyOf(n));
  const fleet = await Promise.all(
    keys.map(async (key) => ({ key, data: await provider.allocate(request({ key }), patient()) })),
  );
  return { server, fleet };
}

test("500 checks, listings and finds cost as many calls as there are pages", async () => {
  const { server, fleet } = await with500();
  expect(fleet).toHaveLength(INSTANCES);
  // As a pool does it: some at a time, again and again within a minute.
  const provider = providerOf(server, { pageSize: 100, pollEvery: "30s" });
  let count = counter(server);
  for (let from = 0; from < INSTANCES; from += 10) {
    const checks = fleet.slice(from, from + 10).map(({ key, data }) => provider.check!(made(data, key), patient()));
    for (const health of await Promise.all(checks)) expect(health).toEqual({ status: "healthy" });
  }
  expect([count("DescribeInstances"), count("DescribeInstanceStatus")]).toEqual([5, 5]);
  console.log("500 checks, 100 instances a page: 5 DescribeInstances, 5 DescribeInstanceStatus.");

  count = counter(server);
  const finds = await Promise.all(fleet.map(({ key }) => provider.find!(key, patient())));
  expect(finds.every(({ status }) => status === "ready")).toBe(true);
  expect([count("DescribeInstances"), count("DescribeInstanceStatus")]).toEqual([0, 0]);

  count = counter(server);
  const inOnePage = providerOf(server);
  expect(await Array.fromAsync(inOnePage.list!(patient()))).toHaveLength(INSTANCES);
  expect([count("DescribeInstances"), count("DescribeInstanceStatus")]).toEqual([1, 0]);
});
