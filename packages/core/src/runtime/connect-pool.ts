import { socketStore } from "../store/socket/socket-store.js";
import type { PoolDefinitions } from "./define-pool.js";
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
  return new Pool<Data>(name ?? path, connectManager(path, rest), { pool: name });
}

/**
 * The manager that another process of this machine has, and listens for at a path (`manager.listen(path)`, or
 * `pool.listen(path)`): as `connectPool`, for whoever uses several of its pools.
 *
 * @typeParam Pools Its pools, as the other process defines them.
 * @throws {WarmpoolError} `INVALID_OPTIONS`.
 *
 * @example
 * const manager = connectManager("/tmp/web.sock");
 * await using leases = await manager.acquireAll([{ pool: "web" }, { pool: "database" }]);
 */
export function connectManager<Pools extends PoolDefinitions = PoolDefinitions>(
  path: string,
  options: Omit<ConnectPoolOptions, "name"> = {},
): PoolManager<Pools> {
  const store = { ...socketStore(path), sharing };
  return new PoolManager<Pools>({ ...options, role: "client", store }, () => "");
}
