import type { AllocateRequest, CallContext, Logger, Made, ResourceRef } from "@warmpool/core";
import { type Ec2Server, startEc2Server } from "@warmpool/test-ec2";
import { expect, onTestFinished } from "vitest";
import { type Ec2Instance, type Ec2Options, type Ec2Provider, ec2Provider } from "../src/index.js";

export const IMAGE = "ami-0123456789abcdef0";
export const KEY = "wp-abcdefgh-123456-1z";

/** An account at a server of our own. The server is gone after the test. */
export async function account(): Promise<Ec2Server> {
  const server = await startEc2Server();
  onTestFinished(() => server.close());
  return server;
}

/** What a provider must be told to reach the account. */
export function access(server: Ec2Server) {
  return {
    region: server.cloud.region,
    endpoint: server.url,
    credentials: { accessKeyId: "AKIDTEST", secretAccessKey: "not-a-secret" },
  } as const;
}

/** A provider for the account that waits for nothing longer than it must. */
export function providerOf<Params = void>(
  server: Ec2Server,
  options: Partial<Ec2Options<Params>> = {},
): Ec2Provider<Params> {
  return ec2Provider<Params>({
    launch: { ImageId: IMAGE, InstanceType: "t3.micro" },
    pollEvery: 5,
    rebootWithin: 0,
    ...access(server),
    ...options,
  });
}

export interface Line {
  readonly level: keyof Logger;
  readonly fields: object;
  readonly message: string | undefined;
}

/** What comes with a call. */
export function context(given: { signal?: AbortSignal; lines?: Line[] } = {}): CallContext<Ec2Instance> & {
  readonly checkpoints: Ec2Instance[];
} {
  const checkpoints: Ec2Instance[] = [];
  const log = (level: keyof Logger) => (fields: object, message?: string) =>
    given.lines?.push({ level, fields, message });
  return {
    signal: given.signal ?? AbortSignal.timeout(9_000),
    logger: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
    namespace: "ci",
    installation: "abcdefgh",
    epoch: 3,
    checkpoints,
    async checkpoint(partial) {
      checkpoints.push(partial);
    },
  };
}

export function request<Params = void>(given: Partial<AllocateRequest<Params>> = {}): AllocateRequest<Params> {
  const { key = KEY } = given;
  const tags = { namespace: "ci", installation: "abcdefgh", pool: "web", key, epoch: 3 };
  return { key, pool: "web", slot: 0, id: 71, params: undefined as Params, tags, ...given };
}

/** The nth key. */
export function keyOf(n: number): string {
  return `wp-abcdefgh-123456-${n.toString(36)}`;
}

export function made(data: Ec2Instance, key = KEY): Made<Ec2Instance> {
  return { key, data, pool: "web", slot: 0, id: 71 };
}

export function unheard(key = KEY): ResourceRef<Ec2Instance> {
  return { key, data: undefined, pool: "web", slot: 0, id: 71 };
}

/** What comes to be so, however busy the machine is. */
export function soon<Value>(look: () => Value) {
  return expect.poll(look, { timeout: 8_000, interval: 5 });
}
