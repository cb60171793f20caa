// The process that is killed: a manager of three pools, which does what it reads on stdin and tells on stdout what came of
// it. Everything else that it would know dies with it.
//
//   node manager.ts FOLDER SEED FSYNC_DELAY_MS STORE
//   node manager.ts FOLDER SEED 0 postgres URL auto|client
import { writeSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { createManager, definePool, isWarmpoolError, type Lease, type Store, type Ticket } from "@warmpool/core";
import { keyvStore } from "@warmpool/core/keyv";
import { sqliteStore } from "@warmpool/core/sqlite";
import { shellProvider } from "@warmpool/provider-shell";
import { postgresStore } from "@warmpool/store-postgres";
import { keyvOn } from "../../packages/core/test/keyv/file-backend.ts";
import {
  ALONE,
  type Command,
  FULL_MAX,
  LEADER_TTL_MS,
  type OnRecord,
  POOLS,
  type Report,
  SHARED,
  SLOWEST_CALL_MS,
} from "./protocol.ts";

const [folder = "", seed = "", fsyncDelayMs = "0", storeName = "sqlite", url = "", role = "auto"] =
  process.argv.slice(2);
const { ttlMs: ttl, graceMs: grace } = storeName === "postgres" ? SHARED : ALONE;

function things(provider: "bare" | "full") {
  return {
    name: provider,
    output: "json",
    allocate: "./allocate.sh",
    check: "./check.sh",
    delete: "./delete.sh",
    cwd: join(import.meta.dirname, "scripts"),
    stateDirectory: join(folder, "state"),
    killAfter: "300ms",
    env: {
      THINGS: join(folder, "things"),
      SICK: join(folder, "sick"),
      PROVIDER: provider,
      SEED: seed,
      CHAOS_PID: String(process.ppid),
    },
  } as const;
}

/** It may be started while the one before still lives. */
function openStore(): Store<true> {
  const file = join(folder, "pool.db");
  const waitForOwner = "10s";
  if (storeName === "postgres") return postgresStore(url, { leaderTtl: LEADER_TTL_MS, schema: "chaos" });
  if (storeName === "sqlite") return sqliteStore(file, { fsyncDelay: Number(fsyncDelayMs), waitForOwner });
  // Longer than a process is made to stand still; and short, since every kill keeps the next one waiting for it.
  return keyvStore(keyvOn(file), { heartbeat: "300ms", staleAfter: "1s", waitForOwner });
}

type Thing = { key: string; pid: number };
const bare = shellProvider<Thing>(things("bare"));
const full = shellProvider<Thing>({ ...things("full"), reset: "./reset.sh", find: "./find.sh", list: "./list.sh" });

const policy = {
  lease: { ttl, grace },
  check: { every: "400ms", attempts: 2 },
  backoff: { first: "40ms", max: "300ms" },
  timeouts: { allocate: "2s", delete: SLOWEST_CALL_MS, reset: SLOWEST_CALL_MS, find: SLOWEST_CALL_MS },
} as const;

const { plain, reused, listed } = POOLS;
const pools = {
  plain: definePool({ provider: bare, max: plain.max, warm: plain.warm, ...policy }),
  reused: definePool({ provider: full, max: reused.max, warm: reused.warm, reuse: true, maxUses: 6, ...policy }),
  listed: definePool({ provider: full, max: listed.max, warm: listed.warm, ...policy }),
};
const manager =
  role === "client"
    ? createManager<typeof pools>({ role: "client", store: openStore() })
    : createManager({
        store: openStore(),
        providers: { full: { max: FULL_MAX } },
        reap: { every: "700ms", minAge: "500ms" },
        pools,
      });

const tickets = new Map<string, Promise<Ticket<Lease<Thing>>>>();
const leases = new Map<string, Lease<Thing>>();

function tell(report: Report): void {
  // Out of this process before anything else happens.
  writeSync(1, `${JSON.stringify(report)}\n`);
}

function granted(client: string, lease: Lease<Thing>): void {
  leases.set(client, lease);
  const { ticket, token, resource } = lease;
  tell({ told: "granted", client, ticket, token, key: resource.key });
  lease.signal.addEventListener("abort", () => tell({ told: "lost", client, reason: lease.signal.reason.message }));
}

async function request({ client, pool, ttlMs }: Command & { do: "request" }): Promise<void> {
  const ttl = ttlMs === undefined ? {} : { ttl: ttlMs };
  const requested = manager.request({ pool, owner: client, requestId: client, ...ttl });
  tickets.set(client, requested);
  const ticket = await requested;
  tell({ told: "accepted", client, ticket: ticket.id });
  try {
    granted(client, await ticket.wait());
  } catch (error) {
    const { state, end, output, reason } = ticket.status();
    if (state !== "closed" || end === undefined) throw error;
    const key = (output?.[0]?.data as Thing | undefined)?.key;
    tell({ told: "closed", client, end, ...(key !== undefined && { key }), ...(reason !== undefined && { reason }) });
  }
}

async function release({ client, failed }: Command & { do: "release" }): Promise<void> {
  const lease = leases.get(client);
  if (lease !== undefined) await lease.release(failed === undefined ? "ok" : { failed });
  else await (await tickets.get(client))?.close();
  tell({ told: "released", client });
}

async function onRecord(): Promise<OnRecord[]> {
  return (await manager.resources()).map(({ key, state }) => ({ key, state }));
}

async function obey(command: Command): Promise<void> {
  switch (command.do) {
    case "request":
      return await request(command);
    case "acquire": {
      const { client, pool, timeoutMs } = command;
      return granted(client, await manager.acquire({ pool, owner: client, timeout: timeoutMs }));
    }
    case "renew":
      await leases.get(command.client)?.renew();
      return tell({ told: "renewed", client: command.client, nth: command.nth });
    case "release":
      return await release(command);
    case "census":
      return tell({ told: "census", onRecord: await onRecord() });
    case "drain":
      await manager.drain();
      return tell({ told: "drained" });
  }
}

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const command = JSON.parse(line) as Command;
    obey(command).catch((error: Error) => {
      if (!("client" in command)) throw error;
      const code = isWarmpoolError(error) ? error.code : "none";
      tell({ told: "refused", client: command.client, code, reason: error.message });
    });
  })
  // The run has ended, one way or the other.
  .on("close", () => void manager.close().then(() => process.exit()));

await manager.ready();
tell({ told: "open", onRecord: await onRecord() });
