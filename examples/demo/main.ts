// npm run demo: Warmpool's main job, with real processes. See README.md for what happens, in which order.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Command, Message, Server } from "./messages.ts";
import { runningServers } from "./processes.ts";
import { View } from "./view.ts";

const WARM = 3;
const MAX = 8;
const CLIENTS = Array.from({ length: 12 }, (_, index) => `client-${index + 1}`);

// ── What we know ─────────────────────────────────────────────────────────────────────────────────────────────────────

const folder = mkdtempSync(join(tmpdir(), "warmpool-demo-"));
let manager: ChildProcess | undefined;
let managerIs = "no manager yet";
/** As the manager told last. */
let servers: readonly Server[] = [];
/** The servers that a manager knew when it had just started. */
let knownAtStart: ReadonlySet<string> | undefined;
let isClosed = false;
/** As the process table says. */
let processes: ReadonlyMap<string, number> = new Map();
let mostProcesses = 0;

const clients = new Map<string, "waits" | "talks" | "done">();
/** The leases that clients have at present. */
const leases = new Map<string, { key: string; id: number; token: number }>();
/** Leases after the crash that are not what they were before. */
const changedLeases: string[] = [];
const confirmedLeases = new Set<string>();
let answers = 0;
const refusals: string[] = [];
const failures: string[] = [];

const view = new View(() => ({ manager: managerIs, servers, processes, clients }));
const results: { ok: boolean; text: string }[] = [];

function check(ok: boolean, text: string): void {
  results.push({ ok, text });
}

function lookAtProcesses(): ReadonlyMap<string, number> {
  processes = runningServers(folder);
  mostProcesses = Math.max(mostProcesses, processes.size);
  return processes;
}

async function until(what: string, condition: () => boolean, longestMs = 20_000): Promise<void> {
  const deadlineMs = performance.now() + longestMs;
  while (!condition()) {
    if (manager?.exitCode) throw new Error(`the manager ended, with exit code ${manager.exitCode}`);
    if (performance.now() > deadlineMs) throw new Error(`waited in vain until ${what}`);
    await pause(20);
  }
}

const warm = () => servers.filter(({ state }) => state === "ready");
const howMany = (state: "waits" | "talks" | "done") => [...clients.values()].filter((each) => each === state).length;

// ── The manager's process ────────────────────────────────────────────────────────────────────────────────────────────

async function startManager(name: string): Promise<void> {
  knownAtStart = undefined;
  manager = fork(join(import.meta.dirname, "manager.ts"), [folder]);
  manager.on("message", hear);
  managerIs = `${name} (process ${manager.pid})`;
  view.log(`${managerIs} starts: ${WARM} servers warm, never more than ${MAX}`);
  await until("the manager has started", () => knownAtStart !== undefined);
}

function send(command: Command): void {
  manager?.send(command);
}

function hear(message: Message): void {
  switch (message.type) {
    case "opened":
      knownAtStart = new Set(message.servers.map(({ key }) => key));
      servers = message.servers;
      return;
    case "servers":
      servers = message.servers;
      return;
    case "granted":
      return hearGrant(message);
    case "answered":
      answers += 1;
      return;
    case "refused":
      refusals.push(`${message.client}: ${message.reason}`);
      return view.log(`${message.client} was refused: ${message.reason}`);
    case "returning":
      leases.delete(message.client);
      return view.log(`${message.client} gives its server back`);
    case "done":
      clients.set(message.client, "done");
      return;
    case "failed":
      failures.push(`${message.client}: ${message.reason}`);
      return view.log(`${message.client} failed: ${message.reason}`);
    case "closed":
      isClosed = true;
  }
}

function hearGrant({ client, key, id, token }: Message & { type: "granted" }): void {
  const before = leases.get(client);
  if (before === undefined) view.log(`${client} got server ${id}, with token ${token}`);
  else if (before.key === key && before.token === token) confirmedLeases.add(client);
  else changedLeases.push(`${client} had server ${before.id}, token ${before.token}, and has ${id}, ${token}`);
  leases.set(client, { key, id, token });
  clients.set(client, "talks");
}

// ── What happens ─────────────────────────────────────────────────────────────────────────────────────────────────────

async function play(): Promise<void> {
  await startManager("manager 1");
  await until("the servers are warm", () => warm().length === WARM);
  view.log(`${WARM} servers are warm`);
  check(lookAtProcesses().size === WARM, `${WARM} servers ran before anybody asked for one`);

  await killServer();

  view.log(`${CLIENTS.length} clients come`);
  for (const client of CLIENTS) clients.set(client, "waits");
  send({ type: "serve", clients: CLIENTS });
  await until("some are done, some are served and some wait", () => howMany("done") > 0 && howMany("talks") >= 4);

  await killManager();

  await until("all clients are done", () => howMany("done") === CLIENTS.length || failures.length > 0);
  check(
    failures.length === 0,
    `${howMany("done")} of ${CLIENTS.length} clients got a server, had answers from it (${answers} in all), and gave it back`,
  );
  check(answers > 0 && refusals.length === 0, "no server ever had two clients: none had to refuse one");

  view.log("all clients are done: everything is deleted");
  send({ type: "close" });
  await until("the manager has closed", () => isClosed);
  check(mostProcesses <= MAX, `never more than ${MAX} servers ran at once: ${mostProcesses} at most`);
  check(lookAtProcesses().size === 0, `at the end, ${processes.size} servers run`);
}

/** Kills one server from outside: the manager has to notice by itself. */
async function killServer(): Promise<void> {
  const [victim] = warm();
  const pid = lookAtProcesses().get(victim?.key ?? "");
  if (victim === undefined || pid === undefined) throw new Error("there is no server to kill");
  view.log(`kill -9 of server ${victim.id} (process ${pid}), behind the manager's back`);
  const killedAtMs = performance.now();
  process.kill(pid, "SIGKILL");
  await until(
    "the killed server is replaced",
    () => !servers.some(({ key }) => key === victim.key) && warm().length === WARM,
  );
  const seconds = ((performance.now() - killedAtMs) / 1_000).toFixed(1);
  view.log(`the manager noticed, and replaced it`);
  check(lookAtProcesses().size === WARM, `a server that was killed was noticed and replaced within ${seconds} s`);
}

/** Kills the manager while servers are lent, and starts another on the same file. */
async function killManager(): Promise<void> {
  const killed = manager as ChildProcess;
  killed.kill("SIGKILL");
  // All that it said is heard before that.
  await Promise.all([once(killed, "exit"), once(killed, "disconnect")]);
  managerIs = "no manager: it was killed";
  const left = lookAtProcesses();
  const lent = [...leases];
  view.log(`kill -9 of the manager. ${left.size} servers run without one, ${lent.length} of them lent`);
  // Long enough to be seen.
  await pause(700);

  await startManager("manager 2");
  const found = [...left.keys()].filter((key) => knownAtStart?.has(key));
  check(found.length === left.size, `the next manager found ${found.length} of the ${left.size} servers that ran`);

  send({ type: "serve", clients: CLIENTS });
  await until(
    "who had a lease has it again",
    () => lent.every(([client]) => confirmedLeases.has(client)) || changedLeases.length > 0,
  );
  check(
    changedLeases.length === 0,
    `all ${lent.length} leases survived it, with the same server and the same token ${changedLeases.join("; ")}`.trim(),
  );
}

/** Whatever happened: nothing of it may stay behind. */
function cleanUp(): void {
  manager?.kill("SIGKILL");
  killServers();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  // A script may have been about to start one: without its folder the next ends by itself.
  killServers();
}

function killServers(): void {
  for (const pid of runningServers(folder).values()) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    cleanUp();
    process.exit(1);
  });
}
const watch = setInterval(lookAtProcesses, 50);
try {
  await play();
} catch (error) {
  check(false, (error as Error).message);
} finally {
  clearInterval(watch);
  cleanUp();
  view.close();
}
console.log();
for (const { ok, text } of results) console.log(`${ok ? "✓" : "✗"} ${text}`);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
