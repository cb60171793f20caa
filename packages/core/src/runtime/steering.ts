import type { Engine } from "../engine/engine.js";
import type { GroupEnd } from "../engine/groups.js";
import type { Ledger } from "../engine/ledger.js";
import type { Pool } from "../engine/pool.js";
import type { Resource } from "../engine/resource.js";
import { parseKey } from "../model/key.js";
import { RESOURCE_STATES, type ResourceState } from "../model/resource.js";
import { noSuchPool, noSuchResource, poolClosed, wrongState } from "./errors.js";
import type { Runtime } from "./runtime.js";

/** Commands of an operator: inputs of the engine that resolve when they are committed. */
export class Steering {
  readonly #runtime: Runtime;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Applies a command; twice, if the engine is loaded anew before it is committed. */
  command(name: string, apply: (engine: Engine, nowMs: number) => void): Promise<void> {
    return this.#runtime.process.until(this.#command(name, apply));
  }

  async #command(name: string, apply: (engine: Engine, nowMs: number) => void): Promise<void> {
    const runtime = this.#runtime;
    for (;;) {
      const life = await runtime.living(name);
      if (runtime.isClosed) throw poolClosed(runtime.options.namespace);
      apply(life.engine, runtime.nowMs);
      runtime.after(life);
      if (await life.committer.committed()) return;
    }
  }

  /**
   * Applies a command to one resource.
   *
   * @throws {WarmpoolError} `NO_SUCH_RESOURCE`; `WRONG_STATE` if it is in none of these states.
   */
  async toResource(
    name: string,
    id: number,
    apply: (engine: Engine, resource: Resource, nowMs: number) => void,
    allowed: readonly ResourceState[] = RESOURCE_STATES,
  ): Promise<void> {
    let key: string | undefined;
    await this.command(name, (engine, nowMs) => {
      const resource = engine.ledger.resources.get(id);
      // The first time it was there, and now that the engine was loaded anew it is not: then it is gone for good.
      if (key !== undefined && resource?.key !== key) return;
      if (resource === undefined) throw noSuchResource(id);
      if (key === undefined && !allowed.includes(resource.state)) throw wrongState(id, resource.state, name, allowed);
      key = resource.key;
      apply(engine, resource, nowMs);
    });
  }

  /** Ends all that a group has, in one batch. */
  async endGroup(group: string): Promise<GroupEnd> {
    let ended: GroupEnd = { leases: 0, waiting: 0 };
    await this.command("endGroup", (engine, nowMs) => {
      const { leases, waiting } = engine.endGroup(group, nowMs);
      // Loaded anew before that was committed: what is left is what was ended, or was not.
      ended = { leases: Math.max(ended.leases, leases), waiting: Math.max(ended.waiting, waiting) };
    });
    return ended;
  }

  /** Applies a command to one pool, or to all. */
  async toPools(
    name: string,
    only: string | undefined,
    apply: (engine: Engine, pool: Pool, nowMs: number) => void,
  ): Promise<void> {
    await this.command(name, (engine, nowMs) => {
      const { pools } = engine.ledger;
      if (only !== undefined && !pools.has(only)) throw noSuchPool(only, [...pools.keys()]);
      for (const pool of [...pools.values()]) if (only === undefined || pool.name === only) apply(engine, pool, nowMs);
    });
  }

  /** Resolves when nothing is left of one pool, or of all, unless they are to go on. */
  async drain(only: string | undefined): Promise<void> {
    await this.toPools("drain", only, (engine, pool, nowMs) => engine.drain(pool, nowMs));
    const runtime = this.#runtime;
    await runtime.process.until(runtime.until((ledger) => isDrained(ledger, only, runtime.isClosed)));
  }

  /** Numbers go on above the largest that the provider showed us. */
  async acceptRollback(): Promise<void> {
    await this.command("acceptRollback", (engine, nowMs) => {
      const ids = (engine.ledger.rolledBack ?? []).map((key) => parseKey(key)?.id ?? 0);
      engine.acceptRollback(Math.max(0, ...ids), nowMs);
    });
  }
}

function isDrained(ledger: Ledger, only: string | undefined, closing: boolean): boolean {
  const pools = [...ledger.pools.values()].filter(({ name }) => only === undefined || name === only);
  return pools.every(({ mode, total, lines }) => {
    // Closing ends every mode, and is no resumption.
    const goesOn = mode !== "draining" && !closing;
    return goesOn || (total === 0 && lines.every(({ size }) => size === 0));
  });
}
