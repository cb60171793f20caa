import { randomUUID } from "node:crypto";
import type { Control } from "./control.js";
import type { Machine } from "./machine.js";

export interface Port {
  readonly id: string;
  readonly deviceId: string;
  readonly networkId: string;
  readonly address: string;
}

export interface FloatingIp {
  readonly id: string;
  readonly address: string;
  readonly networkId: string;
  readonly description: string;
  portId: string | null;
}

export interface Volume {
  readonly id: string;
  status: "in-use" | "available" | "deleting";
}

export const PROJECT = {
  id: "5e0ee1d2a3a14b6c8a35e4b0f5a5d001",
  name: "ci",
  domain: { id: "default", name: "Default" },
};
export const IMAGES = [
  {
    id: "0b5d2c72-12cc-4ba6-a8d7-3ff5cc1d8cb8",
    name: "debian-13",
    status: "active",
    created_at: "2026-01-02T03:04:05Z",
  },
  {
    id: "4c8e5b1e-64b6-4f3c-8a39-0a7d6f9f0002",
    name: "ubuntu-26.04",
    status: "active",
    created_at: "2026-04-24T00:00:00Z",
  },
];
export const FLAVORS = [
  { id: "1", name: "m1.tiny" },
  { id: "2", name: "m1.small" },
  { id: "d1f0a2c4-7a8e-4f51-9c39-00000000000a", name: "c2.large" },
];
export const PRIVATE_NETWORK = {
  id: "6c1fd3b2-9d3f-47a4-8f7e-000000000001",
  name: "private",
  "router:external": false,
};
export const PUBLIC_NETWORK = { id: "6c1fd3b2-9d3f-47a4-8f7e-000000000002", name: "public", "router:external": true };
export const NETWORKS = [PRIVATE_NETWORK, PUBLIC_NETWORK];

/** Everything that exists, whoever asks. */
export class CloudState {
  readonly control: Control;
  readonly machines = new Map<string, Machine>();
  readonly ports = new Map<string, Port>();
  readonly floatingIps = new Map<string, FloatingIp>();
  readonly volumes = new Map<string, Volume>();
  #addresses = 0;

  constructor(control: Control) {
    this.control = control;
  }

  nowMs(): number {
    return performance.now();
  }

  /** Lets happen what is due. */
  advance(): void {
    const nowMs = this.nowMs();
    for (const machine of this.machines.values()) {
      for (let became = machine.advance(nowMs); became !== undefined; became = machine.advance(nowMs)) {
        if (became === "ACTIVE" && machine.done.length === 0) this.#plug(machine);
        if (became === "gone") this.#unplug(machine);
        machine.done.push(became);
      }
      if (machine.goneAtMs !== undefined && machine.goneAtMs + this.control.lagMs <= nowMs) {
        this.machines.delete(machine.id);
      }
    }
    for (const [id, { status }] of this.volumes) if (status === "deleting") this.volumes.delete(id);
  }

  /** Servers that are not gone, half-made ones included. */
  standing(): Machine[] {
    this.advance();
    return [...this.machines.values()].filter((machine) => !machine.isGone);
  }

  /** A new address: of the private network, or of the public one. */
  nextAddress(network: string): string {
    this.#addresses += 1;
    const host = `${Math.floor(this.#addresses / 250) % 250}.${(this.#addresses % 250) + 2}`;
    return network === PUBLIC_NETWORK.id ? `203.0.${host}` : `10.0.${host}`;
  }

  #plug(machine: Machine): void {
    for (const networkId of machine.order.networkIds) {
      const id = randomUUID();
      this.ports.set(id, { id, deviceId: machine.id, networkId, address: this.nextAddress(networkId) });
    }
    if (machine.order.bootVolume !== undefined) {
      const id = randomUUID();
      this.volumes.set(id, { id, status: "in-use" });
      machine.volumeIds = [id];
    }
  }

  #unplug(machine: Machine): void {
    for (const port of [...this.ports.values()].filter(({ deviceId }) => deviceId === machine.id)) {
      if (this.control.orphans) continue;
      this.removePort(port.id);
    }
    for (const id of machine.volumeIds) {
      const volume = this.volumes.get(id);
      const stays = this.control.orphans || machine.order.bootVolume?.deleteOnTermination === false;
      if (volume !== undefined && stays) volume.status = "available";
      else this.volumes.delete(id);
    }
  }

  removePort(id: string): void {
    this.ports.delete(id);
    for (const ip of this.floatingIps.values()) if (ip.portId === id) ip.portId = null;
  }
}
