import type { AllocateRequest, CallContext, Logger, Made, ResourceRef } from "@warmpool/core";
import type { OpenStackServer } from "../src/index.js";

export const KEY = "wp-abcdefgh-k3x9z2-1";
export const OTHER_KEY = "wp-abcdefgh-k3x9z2-2";

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

export interface TestContext extends CallContext<OpenStackServer> {
  readonly checkpoints: OpenStackServer[];
}

export function context(signal: AbortSignal = new AbortController().signal): TestContext {
  const checkpoints: OpenStackServer[] = [];
  return {
    signal,
    logger: silent,
    namespace: "ci",
    installation: "abcdefgh",
    epoch: 3,
    checkpoints,
    async checkpoint(partial) {
      checkpoints.push(partial);
    },
  };
}

export function request<Params = void>(
  given: { key?: string; pool?: string; params?: Params; expiresAtMs?: number } = {},
): AllocateRequest<Params> {
  const { key = KEY, pool = "vm", params = undefined as Params, expiresAtMs } = given;
  const expiry = expiresAtMs === undefined ? {} : { expiresAtMs };
  const tags = { namespace: "ci", installation: "abcdefgh", pool, key, epoch: 3, ...expiry };
  return { key, pool, slot: 0, id: 1, params, tags };
}

export function made(data: OpenStackServer): Made<OpenStackServer> {
  return { key: data.name, data, pool: "vm", slot: 0, id: 1 };
}

/** Of which nothing but the key is known. */
export function unheard(key = KEY): ResourceRef<OpenStackServer> {
  return { key, data: undefined, pool: "vm", slot: 0, id: 1 };
}
