import { socketStore } from "../store/socket/socket-store.js";
import { PoolManager } from "./manager.js";
import type { ClientOptions } from "./manager-options.js";
import { Pool } from "./pool.js";
import { sharing } from "./sharing.js";

/** How to use a pool of another process. */
export interface ConnectPoolOptions extends Omit<ClientOptions, "role" | "store" | "namespace"> {
  /** Which of several pools, if a manager listens there. Default: the only one. */
  readonly name?: string;
}

/**
 * A pool that another process of this machine has, and listens for at a path (`pool.listen(path)`): everything that pools can,
 * but for leading. It returns at once and connects behind: each call waits for that, and `ready()` shows its error. When the
 * other process ends, leases that its store keeps go on, and calls wait until somebody listens there again.
 *
 * @typeParam Data What the other process's provider makes. It comes as JSON.
 * @throws {WarmpoolError} `INVALID_OPTIONS`.
 *
 * @example
 * const pool = connectPool<Server>("/tmp/web.sock");
 * await using lease = await pool.acquire();
 */
export function connectPool<Data = unknown>(path: string, options: ConnectPoolOptions = {}): Pool<Data> {
  const { name, ...rest } = options;
  const store = { ...socketStore(path), sharing };
  return new Pool<Data>(name ?? path, new PoolManager({ ...rest, role: "client", store }, () => ""), { pool: name });
}
