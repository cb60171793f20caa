import type { Instance } from "@aws-sdk/client-ec2";
import type { Ec2Api } from "./client.js";
import { Ec2Error } from "./ec2-error.js";
import { stateOf } from "./instance.js";
import { SharedReading } from "./shared-reading.js";
import { keyOf, literally, NAMESPACE_TAG, namespaceValue } from "./tags.js";

/** What the two status checks say together. `initializing`: not yet, or nothing. */
export type Status = "ok" | "initializing" | "impaired";

/** EC2 takes no more in one DescribeInstanceStatus. */
const STATUS_IDS = 100;

/** Everything that exists in a namespace, at one time. */
export interface FleetReading {
  /** By their id; terminated ones too, as long as EC2 tells of them. */
  readonly instances: ReadonlyMap<string, Instance>;
  /** Those that bear the key. More than one, if somebody copied the tags. */
  withKey(key: string): readonly Instance[];
  /** Of a running instance. Read when somebody first asks, for all that run. */
  status(id: string): Promise<Status>;
}

/** Reads what exists, for all resources together: its cost grows with pages, not with who asks. */
export class Fleet {
  readonly #api: Ec2Api;
  readonly #everyMs: number;
  readonly #pageSize: number;
  readonly #namespaces = new Map<string, SharedReading<FleetReading>>();

  constructor(api: Ec2Api, settings: { readonly pollEveryMs: number; readonly pageSize: number }) {
    this.#api = api;
    this.#everyMs = settings.pollEveryMs;
    this.#pageSize = settings.pageSize;
  }

  /** A reading that began at `sinceMs` (`performance.now()`) or later. */
  read(namespace: string, sinceMs: number, signal: AbortSignal): Promise<FleetReading> {
    let shared = this.#namespaces.get(namespace);
    if (shared === undefined) {
      shared = new SharedReading(this.#everyMs, () => this.#read(namespace));
      this.#namespaces.set(namespace, shared);
    }
    return shared.since(sinceMs, signal);
  }

  async #read(namespace: string): Promise<FleetReading> {
    const instances = new Map<string, Instance>();
    const Filters = [{ Name: `tag:${NAMESPACE_TAG}`, Values: [literally(namespaceValue(namespace))] }];
    let NextToken: string | undefined;
    do {
      const input = { Filters, MaxResults: this.#pageSize, ...(NextToken !== undefined && { NextToken }) };
      const page = await this.#api.ask("DescribeInstances", (client, sdk) =>
        client.send(new sdk.DescribeInstancesCommand(input)),
      );
      for (const instance of page.Reservations?.flatMap(({ Instances = [] }) => Instances) ?? []) {
        if (instance.InstanceId !== undefined) instances.set(instance.InstanceId, instance);
      }
      NextToken = page.NextToken || undefined;
    } while (NextToken !== undefined);
    const byKey = new Map<string | undefined, Instance[]>();
    for (const instance of instances.values()) {
      const key = keyOf(instance.Tags);
      const bearing = byKey.get(key);
      if (bearing === undefined) byKey.set(key, [instance]);
      else bearing.push(instance);
    }
    let statuses: Promise<ReadonlyMap<string, Status>> | undefined;
    return {
      instances,
      withKey: (key) => byKey.get(key) ?? [],
      status: async (id) => {
        statuses ??= this.#readStatuses([...instances.values()].filter((each) => stateOf(each) === "running"));
        return (await statuses).get(id) ?? "initializing";
      },
    };
  }

  async #readStatuses(running: readonly Instance[]): Promise<ReadonlyMap<string, Status>> {
    const statuses = new Map<string, Status>();
    const ids = running.map(({ InstanceId = "" }) => InstanceId);
    for (let from = 0; from < ids.length; from += STATUS_IDS) {
      for (const [id, status] of await this.#statusesOf(ids.slice(from, from + STATUS_IDS))) statuses.set(id, status);
    }
    return statuses;
  }

  async #statusesOf(ids: readonly string[]): Promise<[string, Status][]> {
    if (ids.length === 0) return [];
    try {
      const input = { InstanceIds: [...ids] };
      const answer = await this.#api.ask("DescribeInstanceStatus", (client, sdk) =>
        client.send(new sdk.DescribeInstanceStatusCommand(input)),
      );
      return (answer.InstanceStatuses ?? []).map(({ InstanceId = "", InstanceStatus, SystemStatus }) => [
        InstanceId,
        both(InstanceStatus?.Status, SystemStatus?.Status),
      ]);
    } catch (error) {
      // One that is not there, or not yet, spoils the answer for the others.
      const known = ids.filter((id) => !namesAsMissing(error, id));
      if (known.length === ids.length) throw error;
      return this.#statusesOf(known);
    }
  }
}

function namesAsMissing(error: unknown, id: string): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Ec2Error && cause.code === "InvalidInstanceID.NotFound" && cause.message.includes(id);
}

function both(instance: string | undefined, system: string | undefined): Status {
  if (instance === "ok" && system === "ok") return "ok";
  return instance === "impaired" || system === "impaired" ? "impaired" : "initializing";
}
