import type { Instance, InstanceStateName } from "@aws-sdk/client-ec2";

/** An instance, as its holder gets it. */
export interface Ec2Instance {
  /** `i-…` */
  readonly id: string;
  /** `m7i.large`, say. */
  readonly type: string;
  /** `ami-…` */
  readonly imageId: string;
  /** The availability zone. */
  readonly zone: string;
  /** How it is paid, and whether EC2 may take it back. */
  readonly lifecycle: "on-demand" | "spot";
  /** In its VPC. */
  readonly privateIp: string | null;
  /** `ip-….ec2.internal`, say. */
  readonly privateDns: string | null;
  /** `null`: it has none. */
  readonly publicIp: string | null;
  /** `null`: it has none, or its VPC gives none. */
  readonly publicDns: string | null;
  /** The first of its addresses, if it has any. */
  readonly ipv6: string | null;
  /** `subnet-…` */
  readonly subnetId: string | null;
  /** `vpc-…` */
  readonly vpcId: string | null;
  /** When it was launched, or started after a stop: UTC milliseconds. */
  readonly launchedAtMs: number;
}

export function toEc2Instance(instance: Instance): Ec2Instance {
  return {
    id: instance.InstanceId ?? "",
    type: instance.InstanceType ?? "",
    imageId: instance.ImageId ?? "",
    zone: instance.Placement?.AvailabilityZone ?? "",
    lifecycle: instance.InstanceLifecycle === "spot" ? "spot" : "on-demand",
    privateIp: orNull(instance.PrivateIpAddress),
    privateDns: orNull(instance.PrivateDnsName),
    publicIp: orNull(instance.PublicIpAddress),
    publicDns: orNull(instance.PublicDnsName),
    ipv6: orNull(instance.Ipv6Address),
    subnetId: orNull(instance.SubnetId),
    vpcId: orNull(instance.VpcId),
    launchedAtMs: instance.LaunchTime?.getTime() ?? 0,
  };
}

/** EC2 says nothing, or an empty text, where there is nothing. */
function orNull(text: string | undefined): string | null {
  return text === undefined || text === "" ? null : text;
}

/** The state of an instance; one that EC2 did not have when this was written is `unknown`, and never taken for well. */
export function stateOf(instance: Instance): InstanceStateName | "unknown" {
  return instance.State?.Name ?? "unknown";
}

/** Why an instance is in its state, for people. */
export function reasonOf(instance: Instance): string {
  const { Message, Code } = instance.StateReason ?? {};
  // Some servers say nothing by empty texts.
  const why = Message || Code || "";
  return `instance ${instance.InstanceId} is ${stateOf(instance)}${why === "" ? "" : ` (${why})`}`;
}
