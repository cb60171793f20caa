import process from "node:process";
import { leaseFixture } from "@warmpool/testing/vitest";
import { test as base, expect } from "vitest";
import type { Server } from "../../test-things/servers.js";

const test = base.extend("server", leaseFixture<Server>());

/** Two tests that each have a server to themselves. The server refuses who comes while somebody is there. */
export function visits(file: string): void {
  test.for([1, 2])(`${file}, visit %i`, async (n, { server }) => {
    const { url } = server.data;
    const who = `${file}, visit ${n}, worker ${process.env["VITEST_POOL_ID"]}`;
    const entered = await fetch(`${url}/enter?who=${encodeURIComponent(who)}`);
    expect(entered.status, await entered.text()).toBe(200);
    if (process.env["KILLED"] === file) process.kill(process.pid, "SIGKILL");
    await fetch(`${url}/leave`);
  });
}
