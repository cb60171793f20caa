import type { Cloud } from "./cloud.js";
import { Fault } from "./fault.js";
import { passes } from "./filter.js";
import { type Instance, STATE_CODES, statusOf } from "./instance.js";
import { pageOf } from "./page.js";
import type { Query } from "./query.js";
import type { Xml } from "./xml.js";

/** More ids than that are refused. */
const MOST_STATUS_IDS = 100;

/** What DescribeInstances does. */
export function describeInstances(cloud: Cloud, query: Query): Xml {
  const ids = query.texts("InstanceId");
  const asked = ids.length === 0 ? cloud.visible() : named(cloud, ids);
  const { page, nextToken } = pageOf(
    asked.filter((instance) => passes(instance, query.items("Filter"))),
    query,
  );
  const reservationSet = page.map((instance) => ({
    reservationId: instance.reservationId,
    ownerId: cloud.accountId,
    instancesSet: [describeInstance(cloud, instance)],
  }));
  return { reservationSet, nextToken };
}

/** What DescribeInstanceStatus does. */
export function describeInstanceStatus(cloud: Cloud, query: Query): Xml {
  const ids = query.texts("InstanceId");
  if (ids.length > MOST_STATUS_IDS)
    throw new Fault("InvalidParameterValue", `At most ${MOST_STATUS_IDS} instance IDs.`);
  const everything = query.text("IncludeAllInstances") === "true";
  const asked = (ids.length === 0 ? cloud.visible() : named(cloud, ids)).filter(
    ({ state }) => everything || state === "running",
  );
  const { page, nextToken } = pageOf(asked, query);
  const instanceStatusSet = page.map((instance) => {
    const status = statusOf(instance, cloud.now());
    return {
      instanceId: instance.id,
      availabilityZone: instance.zone,
      instanceState: stateOf(instance),
      systemStatus: { status },
      instanceStatus: { status },
    };
  });
  return { instanceStatusSet, nextToken };
}

/** @throws {Fault} For an instance that nobody can see, or not yet. */
export function named(cloud: Cloud, ids: readonly string[]): Instance[] {
  const found = new Map(cloud.visible().map((instance) => [instance.id, instance]));
  const missing = ids.filter((id) => !found.has(id));
  if (missing.length > 0) {
    const plural = missing.length > 1;
    const message = `The instance ID${plural ? "s" : ""} '${missing.join(", ")}' do${plural ? "" : "es"} not exist`;
    throw new Fault("InvalidInstanceID.NotFound", message);
  }
  return ids.map((id) => found.get(id) as Instance);
}

export function stateOf({ state }: Instance): { code: number; name: string } {
  return { code: STATE_CODES[state], name: state };
}

export function describeInstance(cloud: Cloud, instance: Instance): Xml {
  const running = instance.state === "running";
  if (running) instance.publicIp ??= cloud.newAddress("203.0");
  const dashed = (ip: string) => ip.replaceAll(".", "-");
  return {
    instanceId: instance.id,
    imageId: instance.imageId,
    instanceState: stateOf(instance),
    privateDnsName: `ip-${dashed(instance.privateIp)}.ec2.internal`,
    dnsName:
      running && instance.publicIp !== undefined ? `ec2-${dashed(instance.publicIp)}.compute-1.amazonaws.com` : "",
    keyName: instance.keyName,
    amiLaunchIndex: 0,
    instanceType: instance.type,
    launchTime: new Date(instance.launchedAtMs),
    placement: { availabilityZone: instance.zone, groupName: "", tenancy: "default" },
    subnetId: instance.subnetId,
    vpcId: "vpc-00000000000000000",
    privateIpAddress: instance.privateIp,
    ipAddress: running ? instance.publicIp : undefined,
    stateReason:
      instance.state === "terminated" || instance.state === "stopped" ? { ...instance.stateReason } : undefined,
    architecture: "x86_64",
    rootDeviceType: "ebs",
    rootDeviceName: "/dev/xvda",
    blockDeviceMapping: [
      {
        deviceName: "/dev/xvda",
        ebs: { volumeId: instance.rootVolume.id, status: "attached", deleteOnTermination: true },
      },
    ],
    instanceLifecycle: instance.market === "spot" ? "spot" : undefined,
    clientToken: instance.clientToken,
    tagSet: [...instance.tags].map(([key, value]) => ({ key, value })),
    hibernationOptions: { configured: instance.hibernates },
  };
}
