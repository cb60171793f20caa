import { isDeepStrictEqual } from "node:util";
import {
  type AllocateRequest,
  type CallContext,
  type Found,
  type Health,
  type Listed,
  type Made,
  type Provider,
  ProviderError,
} from "@warmpool/core";
import { aborted } from "./abort.js";
import { Ec2Api } from "./client.js";
import { Fleet } from "./fleet.js";
import { type Ec2Instance, stateOf, toEc2Instance } from "./instance.js";
import { LaunchedLately, mayNotBeShownYet } from "./launched-lately.js";
import { Launcher } from "./launcher.js";
import type { Ec2Options } from "./options.js";
import { type Ec2Settings, parseOptions } from "./parse-options.js";
import { Ended, Readinesses } from "./readiness.js";
import { RootVolumes } from "./root-volume.js";
import { decodeTags, keyOf } from "./tags.js";
import { Terminations } from "./termination.js";

/** A provider of EC2 instances. Beside what pools call, it can put instances to sleep and wake them. */
export interface Ec2Provider<Params = void> extends Provider<Ec2Instance, Params> {
  /** Stops an instance, or lets it hibernate, and waits until it is stopped: then only its disks cost. */
  suspend(made: Made<Ec2Instance>, context: CallContext<Ec2Instance>): Promise<void>;
  /** Starts a stopped instance, and waits until it is ready. Its public address may be another one. */
  resume(made: Made<Ec2Instance>, context: CallContext<Ec2Instance>): Promise<Ec2Instance>;
}

/**
 * A provider of EC2 instances.
 *
 * ```ts
 * const provider = ec2Provider({ launch: { LaunchTemplate: { LaunchTemplateName: "ci" } }, readyWhen: { port: 22 } });
 * ```
 *
 * Region, credentials and endpoint are those that the AWS SDK finds, unless they are given. The SDK is loaded when EC2 is
 * first called.
 *
 * @typeParam Params What a pool says about the instances it wants; what comes of it says the function `launch`.
 * @throws {WarmpoolError} `INVALID_OPTIONS`, with every problem and its path.
 */
export function ec2Provider<Params = void>(options: Ec2Options<Params>): Ec2Provider<Params> {
  const settings = parseOptions(options);
  const ec2 = new Ec2(settings);
  const provider: Ec2Provider<Params> = {
    name: settings.name,
    settlesWithin: settings.settlesWithinMs,
    spec: settings.spec,
    allocate: (request, context) => ec2.allocate(request, context),
    delete: (ref, context) => ec2.delete(ref, context),
    check: (made, context) => ec2.check(made, context),
    find: (key, context) => ec2.find(key, context),
    list: (context) => ec2.list(context),
    suspend: (made, context) => ec2.suspend(made, context),
    resume: (made, context) => ec2.resume(made, context),
  };
  if (settings.reset !== undefined) provider.reset = (made, context) => ec2.reset(made, context);
  return provider;
}

type Context = CallContext<Ec2Instance>;

/** The calls of a provider. */
class Ec2 {
  readonly #settings: Ec2Settings;
  readonly #api: Ec2Api;
  readonly #fleet: Fleet;
  readonly #lately: LaunchedLately;
  readonly #launcher: Launcher;
  readonly #readinesses: Readinesses;
  readonly #terminations: Terminations;
  readonly #rootVolumes: RootVolumes;

  constructor(settings: Ec2Settings) {
    this.#settings = settings;
    this.#api = new Ec2Api(settings);
    this.#fleet = new Fleet(this.#api, settings);
    this.#lately = new LaunchedLately(settings.settlesWithinMs);
    this.#launcher = new Launcher(settings, this.#api, this.#fleet, this.#lately);
    this.#readinesses = new Readinesses(this.#fleet, settings);
    this.#terminations = new Terminations(settings, this.#api, this.#fleet, this.#lately);
    this.#rootVolumes = new RootVolumes(this.#api, settings);
  }

  async allocate(request: AllocateRequest<unknown>, context: Context): Promise<Ec2Instance> {
    const { key } = request;
    if (context.signal.aborted)
      throw new ProviderError(aborted(context.signal).message, { kind: "transient", made: "nothing" });
    if (!this.#lately.begin(key)) {
      // On EC2 the token would see to it; some servers that speak its protocol know no tokens.
      throw new ProviderError(`allocate of ${key} was called before. Each key is given once.`, { kind: "permanent" });
    }
    const { instance, choice } = await this.#launcher.launch(request, context);
    const data = toEc2Instance(instance);
    await context.checkpoint(data);
    try {
      return await this.#readinesses.wait(data.id, context);
    } catch (error) {
      if (error instanceof Ended && error.kind === "capacity") this.#launcher.exhausted(choice, error.reason ?? "");
      throw error;
    }
  }

  delete(ref: Parameters<Terminations["delete"]>[0], context: Context): Promise<void> {
    return this.#terminations.delete(ref, context);
  }

  async check({ key, data }: Made<Ec2Instance>, context: Context): Promise<Health<Ec2Instance>> {
    const sinceMs = Math.max(performance.now() - this.#settings.pollEveryMs, this.#lately.sinceMs(key));
    try {
      const reading = await this.#fleet.read(context.namespace, sinceMs, context.signal);
      const instance = reading.instances.get(data.id);
      if (instance === undefined) {
        const reason = `EC2 does not list instance ${data.id}`;
        return { status: mayNotBeShownYet(data.launchedAtMs) ? "unknown" : "unhealthy", reason };
      }
      const readiness = await this.#readinesses.of(instance, reading, context.signal);
      switch (readiness.is) {
        case "ready":
          return { status: "healthy", ...(!isDeepStrictEqual(readiness.data, data) && { data: readiness.data }) };
        case "broken":
          return { status: "unhealthy", reason: readiness.why };
        case "pending": {
          // It was ready once. That its status checks begin anew says nothing yet; that it does not answer does.
          const answers = stateOf(instance) !== "running" || (await reading.status(data.id)) !== "ok";
          return { status: answers ? "unknown" : "unhealthy", reason: readiness.why };
        }
      }
    } catch (error) {
      // Not to be able to ask says nothing about the instance.
      return { status: "unknown", reason: error instanceof Error ? error.message : String(error) };
    }
  }

  async find(key: string, context: Context): Promise<Found<Ec2Instance>> {
    const sinceMs = Math.max(performance.now() - this.#settings.pollEveryMs, this.#lately.sinceMs(key));
    const reading = await this.#fleet.read(context.namespace, sinceMs, context.signal);
    const [instance, another] = reading.withKey(key).filter((each) => stateOf(each) !== "terminated");
    if (instance === undefined) {
      const launched = this.#lately.instance(key);
      const hidden = launched?.InstanceId !== undefined && !reading.instances.has(launched.InstanceId);
      return hidden ? { status: "pending", data: toEc2Instance(launched) } : { status: "absent" };
    }
    const data = toEc2Instance(instance);
    if (another !== undefined) return { status: "broken", data, reason: `several instances bear the key ${key}` };
    const readiness = await this.#readinesses.of(instance, reading, context.signal);
    switch (readiness.is) {
      case "ready":
        return { status: "ready", data: readiness.data };
      case "pending":
        if (!this.#readinesses.overdue(instance)) return { status: "pending", data };
        return { status: "broken", data, reason: readiness.why };
      case "broken":
        return { status: "broken", data, reason: readiness.why };
    }
  }

  async *list(context: Context): AsyncGenerator<Listed<Ec2Instance>> {
    const { instances } = await this.#fleet.read(context.namespace, performance.now(), context.signal);
    for (const instance of instances.values()) {
      const key = keyOf(instance.Tags);
      if (key === undefined || stateOf(instance) === "terminated") continue;
      const createdAtMs = instance.LaunchTime?.getTime();
      const data = toEc2Instance(instance);
      yield { key, data, tags: decodeTags(instance.Tags), ...(createdAtMs !== undefined && { createdAtMs }) };
    }
  }

  async reset({ data: { id } }: Made<Ec2Instance>, context: Context): Promise<Ec2Instance> {
    if (this.#settings.reset === "replace-root-volume") {
      await this.#rootVolumes.replace(id, context.signal);
    } else {
      await this.#api.ask(`RebootInstances of ${id}`, (client, sdk) =>
        client.send(new sdk.RebootInstancesCommand({ InstanceIds: [id] })),
      );
      await this.#readinesses.waitForReboot(id, context);
    }
    return this.#readinesses.wait(id, context);
  }

  async suspend({ data: { id } }: Made<Ec2Instance>, context: Context): Promise<void> {
    const Hibernate = this.#settings.hibernates;
    await this.#api.ask(`StopInstances of ${id}`, (client, sdk) =>
      client.send(new sdk.StopInstancesCommand({ InstanceIds: [id], Hibernate })),
    );
    await this.#readinesses.waitForState(id, ["stopped"], context);
  }

  async resume({ data: { id } }: Made<Ec2Instance>, context: Context): Promise<Ec2Instance> {
    await this.#api.ask(`StartInstances of ${id}`, (client, sdk) =>
      client.send(new sdk.StartInstancesCommand({ InstanceIds: [id] })),
    );
    // Until EC2 shows that it starts, "stopped" is no end.
    await this.#readinesses.waitForState(id, ["pending", "running"], context);
    return this.#readinesses.wait(id, context);
  }
}
