import type { Instance } from "@aws-sdk/client-ec2";
import { type CallContext, isWarmpoolError, ProviderError } from "@warmpool/core";
import { aborted, pause } from "./abort.js";
import { kindOfEnd } from "./error-kind.js";
import type { Fleet, FleetReading } from "./fleet.js";
import { type Ec2Instance, reasonOf, stateOf, toEc2Instance } from "./instance.js";
import type { Ec2Settings } from "./parse-options.js";
import { whyNotReady } from "./ready.js";

/** How far an instance is. `broken`: it will not be ready, unless somebody does something. */
export type Readiness =
  | { readonly is: "ready"; readonly data: Ec2Instance }
  | { readonly is: "pending"; readonly why: string }
  | { readonly is: "broken"; readonly why: string };

/** Tells whether instances are ready, and waits until they are. */
export class Readinesses {
  readonly #fleet: Fleet;
  readonly #settings: Ec2Settings;

  constructor(fleet: Fleet, settings: Ec2Settings) {
    this.#fleet = fleet;
    this.#settings = settings;
  }

  /** Running, both status checks passed, and `readyWhen`. */
  async of(instance: Instance, reading: FleetReading, signal: AbortSignal): Promise<Readiness> {
    const state = stateOf(instance);
    switch (state) {
      case "pending":
        return { is: "pending", why: reasonOf(instance) };
      case "running":
        break;
      case "shutting-down":
      case "terminated":
      case "stopping":
      case "stopped":
      case "unknown":
        return { is: "broken", why: reasonOf(instance) };
      default:
        return unreachable(state);
    }
    const status = await reading.status(instance.InstanceId ?? "");
    if (status === "impaired") return { is: "broken", why: `a status check of ${instance.InstanceId} fails` };
    if (status === "initializing")
      return { is: "pending", why: `the status checks of ${instance.InstanceId} are not done` };
    const data = toEc2Instance(instance);
    const why = await whyNotReady(data, this.#settings.readyWhen, signal);
    return why === undefined ? { is: "ready", data } : { is: "pending", why };
  }

  /** Whether an instance has had all the time that it may take. */
  overdue({ LaunchTime }: Instance): boolean {
    return LaunchTime !== undefined && Date.now() - LaunchTime.getTime() > this.#settings.readyWithinMs;
  }

  /**
   * Waits until an instance is ready.
   *
   * @throws {ProviderError} It has ended or stopped, it took longer than `readyWithin`, or the call was aborted. Its message
   *   says what was missing.
   */
  async wait(id: string, { namespace, signal }: CallContext<never>): Promise<Ec2Instance> {
    const untilMs = performance.now() + this.#settings.readyWithinMs;
    let missing = `EC2 does not show ${id} yet`;
    while (performance.now() < untilMs) {
      const reading = await this.#read(namespace, signal, () => missing);
      const instance = reading?.instances.get(id);
      if (reading === undefined || instance === undefined) continue;
      const readiness = await this.of(instance, reading, signal);
      if (readiness.is === "ready") return readiness.data;
      missing = readiness.why;
      // Checks that fail while a machine starts may still pass.
      if (readiness.is === "broken" && stateOf(instance) !== "running") throw ended(instance);
    }
    const message = `${id} was not ready ${this.#settings.readyWithinMs} ms after it was asked for: ${missing}.`;
    throw new ProviderError(message, { kind: "unknown" });
  }

  /** Waits until an instance is in a state, or gone. */
  async waitForState(id: string, states: readonly string[], { namespace, signal }: CallContext<never>): Promise<void> {
    for (;;) {
      const reading = await this.#read(namespace, signal, () => `${id} is not ${states.join(" or ")} yet`);
      const instance = reading?.instances.get(id);
      if (instance === undefined) continue;
      if (states.includes(stateOf(instance))) return;
      if (stateOf(instance) === "terminated") throw ended(instance);
    }
  }

  /** Waits until something that was ready is not, at most so long. A reboot begins when EC2 gets round to it. */
  async waitForReboot(id: string, { namespace, signal }: CallContext<never>): Promise<void> {
    const untilMs = performance.now() + this.#settings.rebootWithinMs;
    for (let leftMs = 1; leftMs > 0; leftMs = untilMs - performance.now()) {
      const reading = await this.#read(namespace, signal, () => `${id} has not rebooted yet`);
      const instance = reading?.instances.get(id);
      if (reading === undefined || instance === undefined) continue;
      if ((await this.of(instance, reading, signal)).is !== "ready") return;
      if (this.#settings.readyWhen === undefined) return pause(Math.max(0, untilMs - performance.now()), signal);
    }
  }

  /** The next reading; `undefined`: it failed in passing, and there is no news. */
  async #read(namespace: string, signal: AbortSignal, missing: () => string): Promise<FleetReading | undefined> {
    try {
      return await this.#fleet.read(namespace, performance.now(), signal);
    } catch (error) {
      if (signal.aborted) {
        throw new ProviderError(`${aborted(signal).message} ${missing()}.`, { kind: "transient", cause: error });
      }
      if (!isPassing(error)) throw error;
      await pause(this.#settings.pollEveryMs, signal);
      return undefined;
    }
  }
}

/** An instance that ended or stopped before it was ready. */
export class Ended extends ProviderError {
  /** EC2's code for why. */
  readonly reason: string | undefined;

  constructor(instance: Instance) {
    const code = instance.StateReason?.Code;
    // Terminated, it is gone for good: its token makes no other.
    const gone = stateOf(instance) === "terminated";
    super(`The ${reasonOf(instance)}.`, { kind: kindOfEnd(code), ...(gone && { made: "nothing" }) });
    this.reason = code;
  }
}

function ended(instance: Instance): Ended {
  return new Ended(instance);
}

/** Whether it is worth asking again. */
export function isPassing(error: unknown): boolean {
  if (!isWarmpoolError(error, "PROVIDER_FAILED")) return false;
  const { kind } = error as ProviderError;
  return kind === "throttled" || kind === "transient";
}

function unreachable(state: never): never {
  throw new Error(`an instance in the state ${String(state)}`);
}
