/** 100 launches at once into an account that takes them as slowly as AWS does. */
import { createManager, definePool } from "@warmpool/core";
import { ec2Provider } from "@warmpool/provider-aws";
import { expect, test } from "vitest";
import { access, account, IMAGE } from "./account.js";

const LAUNCHES = 100;

test("all are made, no ticket fails, and few calls are refused", async () => {
  const server = await account();
  // https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
  server.cloud.weather.throttles = {
    RunInstances: { burst: 5, perSecond: 2 },
    DescribeInstances: { burst: 50, perSecond: 10 },
    DescribeInstanceStatus: { burst: 50, perSecond: 10 },
    TerminateInstances: { burst: 100, perSecond: 5 },
  };
  Object.assign(server.cloud.weather, { pendingMs: 500, statusMs: 500, shuttingDownMs: 500 });
  const provider = ec2Provider({ launch: { ImageId: IMAGE }, pollEvery: "1s", ...access(server) });
  const manager = createManager({
    pools: { ci: definePool({ provider, max: LAUNCHES, maxAllocating: LAUNCHES }) },
  });
  const beganAtMs = performance.now();
  const leases = await Promise.all(
    Array.from({ length: LAUNCHES }, (_, n) => manager.acquire({ pool: "ci", owner: `job-${n}`, timeout: "4m" })),
  );
  const seconds = (performance.now() - beganAtMs) / 1_000;
  expect(new Set(leases.map(({ data }) => data.id)).size).toBe(LAUNCHES);
  expect(server.cloud.alive()).toHaveLength(LAUNCHES);

  const counted = (action: string) => server.seen.filter((seen) => seen.action === action);
  const refused = (action: string) => counted(action).filter(({ fault }) => fault !== undefined).length;
  const figures = ["RunInstances", "DescribeInstances", "DescribeInstanceStatus"].map(
    (action) => `${action} ${counted(action).length}, of which refused ${refused(action)}`,
  );
  console.log(`${LAUNCHES} launches in ${seconds.toFixed(1)} s: ${figures.join("; ")}.`);
  expect(refused("RunInstances")).toBeLessThan(LAUNCHES / 2);

  for (const lease of leases) await lease.release();
  await manager.close({ resources: "delete" });
  expect(server.cloud.alive()).toEqual([]);
});
