import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { createPool } from "@warmpool/core";
import { postgresStore } from "@warmpool/store-postgres";
import type { Server } from "../durable/thing.ts";

export interface FailoverOrder {
  readonly url: string;
  readonly how: "close" | "kill -9";
  readonly leaderTtlMs: number;
  readonly times: number;
}

export interface FailoverResult {
  /** From the end of the leader to the next grant. */
  readonly toGrantMs: readonly number[];
}

/** Two processes that may lead, and a client that acquires and releases all the time. */
export async function failover({ url, how, leaderTtlMs, times }: FailoverOrder): Promise<FailoverResult> {
  const store = () => postgresStore(url, { leaderTtl: leaderTtlMs });
  const client = createPool<Server>({ name: "failover", role: "client", store: store() });
  const toGrantMs: number[] = [];
  let leader = await begin(url, leaderTtlMs, true);
  for (let n = 0; n < times; n += 1) {
    const next = await begin(url, leaderTtlMs, false);
    await (await client.acquire()).release();
    const ended = once(leader, "close");
    const startedAtMs = performance.now();
    if (how === "close") leader.stdin?.end();
    else leader.kill("SIGKILL");
    if (how === "close") await ended;
    const closedAtMs = performance.now();
    await (await client.acquire({ timeout: "2m" })).release();
    toGrantMs.push(performance.now() - (how === "close" ? closedAtMs : startedAtMs));
    await ended;
    leader = next;
  }
  await client.close();
  leader.stdin?.end();
  await once(leader, "close");
  return { toGrantMs };
}

async function begin(url: string, leaderTtlMs: number, leads: boolean): Promise<ChildProcess> {
  const args = [join(import.meta.dirname, "leader.ts"), url, "2", "failover", String(leaderTtlMs)];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const words = leads ? "leads" : "waits";
  await new Promise<void>((resolve) => {
    child.stdout?.on("data", (text) => {
      if (String(text).includes(words)) resolve();
    });
  });
  return child;
}
