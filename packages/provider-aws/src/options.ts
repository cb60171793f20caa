import type { RunInstancesRequest } from "@aws-sdk/client-ec2";
import type { AllocateRequest, Duration } from "@warmpool/core";
import type { ReadyFunction, ReadyPort } from "./ready.js";

/**
 * What RunInstances is told, in EC2's own words: a launch template, fields, or both. How many and under which token is
 * not yours to say.
 */
export type Launch = Omit<RunInstancesRequest, "ClientToken" | "DryRun" | "MaxCount" | "MinCount">;

/** What a launch may depend on: the pool's `params`, the slot, the key. */
export type LaunchRequest<Params> = AllocateRequest<Params>;

/** Credentials, for whoever doesn't want those that the SDK finds by itself. */
export interface Credentials {
  /** `AKIA…`, or `ASIA…` for a while only. */
  readonly accessKeyId: string;
  /** Never shown. */
  readonly secretAccessKey: string;
  /** Of credentials for a while. Never shown. */
  readonly sessionToken?: string;
  /** After that they are asked for anew. */
  readonly expiration?: Date;
}

/** Over what launches may be spread. */
export type Spreadable = "instanceTypes" | "subnets" | "zones";

/** How spot capacity is bought. */
export interface SpotOptions {
  /** Whether an on-demand instance is made when no spot capacity is left. Default: `true`. */
  readonly onDemand?: boolean;
  /** Dollars an hour. Default: none, the on-demand price. */
  readonly maxPrice?: string;
}

/** What `ec2Provider` is told. */
export interface Ec2Options<Params = void> {
  /** What an instance is made from; a function, if that depends on the pool's `params`, the slot or the key. */
  readonly launch: Launch | ((request: LaunchRequest<Params>) => Launch);
  /** Types to choose from, the preferred first. Default: the launch's. */
  readonly instanceTypes?: readonly string[];
  /** Subnets to choose from, the preferred first. Not together with `zones`. Default: the launch's. */
  readonly subnets?: readonly string[];
  /** Availability zones to choose from, the preferred first. Default: the launch's, else EC2 chooses. */
  readonly zones?: readonly string[];
  /**
   * What is taken in turn, by the slot of the resource, instead of in order. Default: none, the first is taken as long
   * as it is to be had.
   */
  readonly spread?: readonly Spreadable[];
  /** Whether spot instances are made, with on-demand ones when there are none. Default: `false`. */
  readonly spot?: boolean | SpotOptions;
  /** How long a choice that was exhausted is passed over while there are others. Default: `"5m"`. */
  readonly snooze?: Duration;
  /** User data as text; it is encoded for you. Default: the launch's `UserData`, which is in base64. */
  readonly userData?: string;
  /** Tags for instance, volumes and network interfaces, beside ours. Names that begin with `warmpool:` are ours. Default: none. */
  readonly tags?: Readonly<Record<string, string>>;

  /**
   * What must hold beside the status checks before an instance is ready, and as long as it is healthy: a TCP port that
   * accepts connections, or a function that resolves with anything but `false`. Default: nothing more.
   */
  readonly readyWhen?: ReadyPort | ReadyFunction;
  /** How long after its launch an instance may take to be ready; then it is given up. Default: `"15m"`. */
  readonly readyWithin?: Duration;
  /**
   * How a used instance is made clean: `"replace-root-volume"` gives it a new disk, `"reboot"` only restarts it. Default:
   * none, it goes back as it is if the pool reuses at all.
   */
  readonly reset?: "reboot" | "replace-root-volume";
  /** How long after a reboot was asked for the instance may still be up. Default: `"60s"`. */
  readonly rebootWithin?: Duration;
  /** What `suspend` does. `"hibernate"` also launches instances so that they can. Default: `"stop"`. */
  readonly suspend?: "stop" | "hibernate";

  /** Default: what the SDK finds (`AWS_REGION`, the profile). */
  readonly region?: string;
  /** URL of the service. Default: what the SDK finds (`AWS_ENDPOINT_URL_EC2`, `AWS_ENDPOINT_URL`, the profile), else AWS. */
  readonly endpoint?: string;
  /** The profile of the shared configuration files. Default: what the SDK finds (`AWS_PROFILE`). */
  readonly profile?: string;
  /** Default: the SDK's own chain (environment, profile, web identity, container, instance metadata). */
  readonly credentials?: Credentials | (() => Promise<Credentials>);

  /** The provider's name in logs, metrics and events, and the unit of shared caps and breakers. Default: `"ec2"`. */
  readonly name?: string;
  /** The pause between two readings of what exists, which all resources share. Default: `"5s"`. */
  readonly pollEvery?: Duration;
  /** Instances that EC2 is asked to tell of in one answer, from 5 to 1000. Default: 1000. */
  readonly pageSize?: number;
  /**
   * How long after its start an `allocate` that nobody hears any more can still make something. We send RunInstances
   * within the first half of it; the other half is for EC2 to show the instance. Default: `"5m"`.
   */
  readonly settlesWithin?: Duration;
  /** When it changes, a pool replaces its warm resources. Default: a digest of what instances are made from. */
  readonly spec?: unknown;
}
