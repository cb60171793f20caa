import { randomBytes } from "node:crypto";
import { type Instance, settle } from "./instance.js";
import { fairWeather, type Weather } from "./weather.js";

export interface Subnet {
  readonly id: string;
  readonly zone: string;
}

export interface LaunchTemplate {
  readonly name: string;
  readonly imageId?: string;
  readonly instanceType?: string;
}

export interface RootVolumeTask {
  readonly id: string;
  readonly instanceId: string;
  readonly clientToken: string | undefined;
  readonly readyAtMs: number;
  readonly startedAtMs: number;
}

/** One account in one region: everything that exists in it. */
export class Cloud {
  readonly region = "us-east-1";
  readonly accountId = "111122223333";
  readonly weather: Weather = fairWeather();
  readonly images = new Set(["ami-0123456789abcdef0", "ami-0fedcba9876543210"]);
  readonly types = new Set(["t3.micro", "t3.small", "m7i.large", "m6i.large"]);
  readonly keyNames = new Set(["ci"]);
  readonly subnets: readonly Subnet[] = ["a", "b", "c"].map((letter) => ({
    id: `subnet-0000000000000000${letter}`,
    zone: `us-east-1${letter}`,
  }));
  readonly templates = new Map<string, LaunchTemplate>();
  readonly tasks = new Map<string, RootVolumeTask>();
  readonly #instances = new Map<string, Instance>();
  /** Each launch under its client token and, where the request names one, its zone. */
  readonly launches = new Map<string, { readonly digest: string; readonly id: string | undefined }>();
  #addresses = 0;

  /** UTC milliseconds. A test may put another clock in its place. */
  now: () => number = Date.now;

  /** Everything that is remembered, terminated ones too, as it is now. */
  instances(): Instance[] {
    const nowMs = this.now();
    for (const instance of this.#instances.values()) {
      settle(instance, nowMs);
      const { terminatedAtMs = Number.POSITIVE_INFINITY } = instance;
      if (nowMs >= terminatedAtMs + this.weather.forgottenAfterMs) this.#instances.delete(instance.id);
    }
    return [...this.#instances.values()];
  }

  /** What really exists, whoever may see it. */
  alive(): Instance[] {
    return this.instances().filter(({ state }) => state !== "terminated");
  }

  /** What the API shows. */
  visible(): Instance[] {
    const nowMs = this.now();
    return this.instances().filter(({ visibleAtMs }) => nowMs >= visibleAtMs);
  }

  /** An instance, as its owner could break it by hand: its status checks fail from now on. */
  impair(id: string): void {
    const instance = this.#instances.get(id);
    if (instance !== undefined) instance.statusOkAtMs = Number.POSITIVE_INFINITY;
  }

  /** EC2 takes an instance back, or its owner switches it off: it ends by itself. */
  end(id: string, reason: { code: string; message: string }): void {
    const instance = this.#instances.get(id);
    if (instance === undefined) return;
    instance.state = "terminated";
    instance.next = undefined;
    instance.stateReason = reason;
    instance.terminatedAtMs = this.now();
  }

  add(instance: Instance): void {
    this.#instances.set(instance.id, instance);
  }

  newId(kind: string): string {
    return `${kind}-${randomBytes(9).toString("hex").slice(0, 17)}`;
  }

  newAddress(network: string): string {
    this.#addresses += 1;
    return `${network}.${Math.floor(this.#addresses / 250)}.${(this.#addresses % 250) + 4}`;
  }
}
