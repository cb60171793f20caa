import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { type PostgresServer, startPostgres } from "@warmpool/test-postgres";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Told } from "./freezable.ts";
import { type Call, watchedPool } from "./watched-pool.js";

let server: PostgresServer;
const children: ChildProcess[] = [];

beforeAll(async () => {
  server = await startPostgres();
}, 60_000);

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

afterAll(() => server.stop());

/** Another process, and all that it told. */
function start(schema: string) {
  const child = spawn(process.execPath, [join(import.meta.dirname, "freezable.ts"), server.url, schema], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  const told: Told[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => told.push(JSON.parse(line)));
  const calls = () => told.filter((one) => one.told === "call");
  const acquire = async () => {
    const before = told.length;
    child.stdin.write("acquire\n");
    const lease = () => told.slice(before).find((one) => one.told === "lease");
    await expect.poll(lease, { timeout: 20_000 }).toBeDefined();
    return lease() as Told & { told: "lease" };
  };
  return { child, told, calls, acquire };
}

async function epochOf(schema: string): Promise<number> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  const { rows } = await client.query(`SELECT epoch FROM ${schema}.namespace`);
  await client.end();
  return Number(rows[0].epoch);
}

test.skipIf(process.platform === "win32")(
  "a leader that stood still for longer than its time calls nothing, writes nothing, follows, and leads again later",
  async () => {
    const schema = "frozen";
    const one = start(schema);
    const first = await one.acquire();
    const calls: Call[] = [];
    const other = watchedPool(server.url, schema, (call) => calls.push(call));
    await other.ready();
    expect(calls).toEqual([]);

    one.child.kill("SIGSTOP");
    // Whatever it held goes on, though it can't say so: its time is two minutes.
    const second = await other.acquire({ timeout: "20s" });
    expect(second.token).toBeGreaterThan(first.token);
    await expect.poll(() => calls.length).toBeGreaterThan(0);
    const epoch = await epochOf(schema);
    expect(new Set(calls.map((call) => call.epoch))).toEqual(new Set([epoch]));

    const continuedAtMs = Date.now();
    one.child.kill("SIGCONT");
    // Its checks were due all the time. It acquires as a follower.
    const third = await one.acquire();
    expect(third.active).toEqual([true, true]);
    expect(third.token).toBeGreaterThan(second.token);
    expect(one.calls().filter(({ atMs }) => atMs >= continuedAtMs)).toEqual([]);
    expect(await epochOf(schema)).toBe(epoch);
    expect((await other.leases()).map(({ lease }) => lease?.token)).toEqual([first.token, second.token, third.token]);

    await second.release();
    await other.close();
    await expect.poll(() => one.calls().at(-1)?.epoch, { timeout: 20_000 }).toBe(epoch + 1);
    expect(one.told.filter((each) => each.told === "lost")).toEqual([]);
    one.child.stdin.end();
    expect(await once(one.child, "exit")).toEqual([0, null]);
  },
  90_000,
);
