import type { ContestantName, Opening } from "../contestants/contestant.ts";
import { open } from "../contestants/open.ts";
import { type BareOrder, type BareResult, bare } from "../durable/bare.ts";
import { type ClientsOrder, type ClientsResult, clients } from "../durable/clients.ts";
import { prepareRestart, type RestartOrder, type RestartResult, restart } from "../durable/restart.ts";
import { type Built, load } from "../lib/build.ts";
import { claims } from "../shared/claims.ts";
import { type CrowdOrder, type CrowdResult, sharedCrowd } from "../shared/crowd.ts";
import { type FailoverOrder, type FailoverResult, failover } from "../shared/failover.ts";
import { type IdleOrder, type IdleResult, idle } from "../shared/idle.ts";
import type { SharedOrder, SharedResult } from "../shared/rival.ts";
import { type PairsOrder, type PairsResult, socketPairs } from "../socket/pairs.ts";
import { type Asking, asking } from "./asking.ts";
import { churn } from "./churn.ts";
import { crowd } from "./crowd.ts";
import { type Memory, memory } from "./memory.ts";
import { pools } from "./pools.ts";
import { type Length, type Rate, rate } from "./rate.ts";

interface Order extends Opening {
  readonly contestant: ContestantName;
  readonly length: Length;
}

/** What a child can measure, and what comes of it. */
export interface Jobs {
  rate: { order: Order & { queue: number }; result: Rate };
  churn: { order: Order; result: Rate };
  crowd: { order: Omit<Order, "max"> & { waiters: number }; result: Rate };
  memory: { order: { contestant: ContestantName; timeout: boolean; count: number }; result: Memory };
  asking: { order: Asking & { contestant: Built; length: Length }; result: Rate };
  pools: { order: { contestant: Built; count: number; max: number; length: Length }; result: Rate };
  bare: { order: BareOrder; result: BareResult };
  clients: { order: ClientsOrder; result: ClientsResult };
  prepareRestart: { order: RestartOrder; result: { records: number } };
  restart: { order: RestartOrder; result: RestartResult };
  claims: { order: SharedOrder; result: SharedResult };
  failover: { order: FailoverOrder; result: FailoverResult };
  idle: { order: IdleOrder; result: IdleResult };
  sharedCrowd: { order: CrowdOrder; result: CrowdResult };
  socketPairs: { order: PairsOrder; result: PairsResult };
}

export type Job = { [Name in keyof Jobs]: { readonly job: Name } & Jobs[Name]["order"] }[keyof Jobs];

export async function run(job: Job): Promise<Jobs[keyof Jobs]["result"]> {
  switch (job.job) {
    case "rate":
      return await rate(await open(job.contestant, job), job.max, job.queue, job.length);
    case "churn":
      return await churn(await open(job.contestant, job), job.max, job.length);
    case "crowd":
      return await crowd(await open(job.contestant, { max: 1, timeout: job.timeout }), job.waiters, job.length);
    case "memory":
      return await memory((max) => open(job.contestant, { max, timeout: job.timeout }), job.count);
    case "asking":
      return await asking(await load(job.contestant, "."), job, job.length);
    case "pools":
      return await pools(await load(job.contestant, "."), job.count, job.max, job.length);
    case "bare":
      return await bare(job);
    case "clients":
      return await clients(job);
    case "prepareRestart":
      return await prepareRestart(job);
    case "restart":
      return await restart(job);
    case "claims":
      return await claims(job);
    case "failover":
      return await failover(job);
    case "idle":
      return await idle(job);
    case "sharedCrowd":
      return await sharedCrowd(job);
    case "socketPairs":
      return await socketPairs(job);
  }
}
