import type { Factory, Lease } from "@warmpool/core";
import { type Contestant, type Opening, Thing } from "./contestant.ts";

export type Core = typeof import("@warmpool/core");

/** A factory that has everything which a default pool makes use of: health checks are on. */
export const FACTORY: Factory<Thing> = {
  create: () => new Thing(),
  validate: () => true,
  destroy: () => undefined,
};

export function openWarmpool(core: Core, { max, timeout }: Opening): Contestant<Lease<Thing>> {
  const pool = core.createPool({ provider: core.factoryProvider(FACTORY), max });
  return {
    acquire: timeout ? () => pool.acquire({ timeout: "30s" }) : () => pool.acquire(),
    release: (lease) => lease.release(),
  };
}
