import type { CallContext, ProviderError, ResourceRef } from "@warmpool/core";
import { pause } from "./abort.js";
import type { Ec2Api } from "./client.js";
import { Ec2Error } from "./ec2-error.js";
import type { Fleet, FleetReading } from "./fleet.js";
import { type Ec2Instance, stateOf } from "./instance.js";
import { type LaunchedLately, mayNotBeShownYet } from "./launched-lately.js";
import type { Ec2Settings } from "./parse-options.js";
import { isPassing } from "./readiness.js";

/** Ends instances, and waits until they are terminated: only then their place in the quota and their address are free. */
export class Terminations {
  readonly #settings: Ec2Settings;
  readonly #api: Ec2Api;
  readonly #fleet: Fleet;
  readonly #lately: LaunchedLately;

  constructor(settings: Ec2Settings, api: Ec2Api, fleet: Fleet, lately: LaunchedLately) {
    this.#settings = settings;
    this.#api = api;
    this.#fleet = fleet;
    this.#lately = lately;
  }

  /** Ends everything that bears the key, or that we know to have been made under it. */
  async delete(
    { key, data }: ResourceRef<Ec2Instance>,
    { namespace, signal }: CallContext<Ec2Instance>,
  ): Promise<void> {
    /** When EC2 should know an instance: UTC milliseconds of its launch. */
    const known = new Map<string, number>();
    const launched = this.#lately.instance(key);
    if (launched?.InstanceId !== undefined) known.set(launched.InstanceId, Date.now());
    if (data !== undefined) known.set(data.id, data.launchedAtMs);
    const told = new Set<string>();
    for (const [id, launchedAtMs] of known) await this.#terminate(id, launchedAtMs, told, known);
    for (;;) {
      const reading = await this.#read(namespace, signal);
      if (reading === undefined) continue;
      const bearing = reading.withKey(key).filter((instance) => stateOf(instance) !== "terminated");
      for (const { InstanceId = "" } of bearing) if (!known.has(InstanceId)) known.set(InstanceId, 0);
      const left = [...known].filter(([id]) => {
        const instance = reading.instances.get(id);
        // What EC2 does not list is forgotten, or too new to be listed.
        return instance === undefined ? !told.has(id) || this.#mayAppear(key, id) : stateOf(instance) !== "terminated";
      });
      if (left.length === 0) return;
      for (const [id, launchedAtMs] of left) if (!told.has(id)) await this.#terminate(id, launchedAtMs, told, known);
    }
  }

  #mayAppear(key: string, id: string): boolean {
    return this.#lately.instance(key)?.InstanceId === id;
  }

  async #terminate(id: string, launchedAtMs: number, told: Set<string>, known: Map<string, number>): Promise<void> {
    try {
      await this.#api.ask(`TerminateInstances of ${id}`, (client, sdk) =>
        client.send(new sdk.TerminateInstancesCommand({ InstanceIds: [id] })),
      );
      told.add(id);
    } catch (error) {
      const { cause } = error as ProviderError;
      if (!(cause instanceof Ec2Error && cause.code === "InvalidInstanceID.NotFound")) throw error;
      // Right after its launch that means "not yet"; later, that it was terminated over an hour ago.
      if (!mayNotBeShownYet(launchedAtMs)) known.delete(id);
    }
  }

  async #read(namespace: string, signal: AbortSignal): Promise<FleetReading | undefined> {
    try {
      return await this.#fleet.read(namespace, performance.now(), signal);
    } catch (error) {
      if (signal.aborted || !isPassing(error)) throw error;
      await pause(this.#settings.pollEveryMs, signal);
      return undefined;
    }
  }
}
