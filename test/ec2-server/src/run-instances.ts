import type { Cloud } from "./cloud.js";
import { describeInstance } from "./describe-instances.js";
import { Fault, notFound } from "./fault.js";
import type { Instance, Market } from "./instance.js";
import type { Query } from "./query.js";
import { tagsOf } from "./tag-specification.js";
import type { Offer } from "./weather.js";
import type { Xml } from "./xml.js";

/** What RunInstances does. */
export function runInstances(cloud: Cloud, query: Query): Xml {
  const clientToken = query.text("ClientToken");
  if ((clientToken?.length ?? 0) > 64)
    throw new Fault("InvalidParameterValue", "ClientToken is longer than 64 characters.");
  // A token counts once in each zone that a request names, and once among those that name none.
  const zone = query.text("Placement.AvailabilityZone") ?? query.text("SubnetId") ?? "";
  const launch = `${clientToken} ${zone}`;
  const digest = query.digest(["Action", "Version", "ClientToken"]);
  const before = clientToken === undefined ? undefined : cloud.launches.get(launch);
  if (before !== undefined && before.digest !== digest) {
    const message = "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).";
    throw new Fault("IdempotentParameterMismatch", message);
  }
  if (before?.id !== undefined) return again(cloud, before.id);
  // What was refused counts as well: its token is good for the same arguments only.
  if (clientToken !== undefined) cloud.launches.set(launch, { digest, id: undefined });
  const instance = launched(cloud, query, clientToken);
  cloud.add(instance);
  if (clientToken !== undefined) cloud.launches.set(launch, { digest, id: instance.id });
  return reservation(cloud, instance);
}

/** The same token: what it made, be it dead. */
function again(cloud: Cloud, made: string): Xml {
  const instance = cloud.instances().find(({ id }) => id === made);
  if (instance === undefined) {
    const message = "The client token you have provided is associated with a terminated instance.";
    throw new Fault("IdempotentInstanceTerminated", message);
  }
  return reservation(cloud, instance);
}

function reservation(cloud: Cloud, instance: Instance): Xml {
  const described = describeInstance(cloud, instance);
  return { reservationId: instance.reservationId, ownerId: cloud.accountId, instancesSet: [described] };
}

function launched(cloud: Cloud, query: Query, clientToken: string | undefined): Instance {
  const { weather } = cloud;
  const template = templateOf(cloud, query);
  if (query.number("MinCount") !== 1 || query.number("MaxCount") !== 1)
    throw new Fault("InvalidParameterValue", "One at a time.");
  const imageId = query.text("ImageId") ?? template?.imageId;
  if (imageId === undefined) throw new Fault("MissingParameter", "The request must contain the parameter ImageId");
  if (!cloud.images.has(imageId))
    throw new Fault("InvalidAMIID.NotFound", `The image id '[${imageId}]' does not exist`);
  const keyName = query.text("KeyName");
  if (keyName !== undefined && !cloud.keyNames.has(keyName)) throw notFound("KeyPair", keyName);
  const offer = offerOf(cloud, query, template?.instanceType);
  const tags = tagsOf(query);
  const nowMs = cloud.now();
  if (cloud.alive().length >= weather.maxInstances) {
    const message = `You have requested more vCPU capacity than your current vCPU limit of ${weather.maxInstances} allows.`;
    throw offer.market === "spot"
      ? new Fault("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded")
      : new Fault("VcpuLimitExceeded", message);
  }
  if (weather.soldOut(offer)) {
    const message = `We currently do not have sufficient ${offer.type} capacity in the Availability Zone you requested (${offer.zone}).`;
    throw new Fault("InsufficientInstanceCapacity", message, 500);
  }
  const death = weather.stillborn(offer);
  const runsAtMs = nowMs + weather.pendingMs;
  return {
    id: cloud.newId("i"),
    reservationId: cloud.newId("r"),
    imageId,
    type: offer.type,
    zone: offer.zone,
    subnetId: offer.subnetId,
    market: offer.market,
    keyName,
    userData: query.text("UserData"),
    hibernates: query.text("HibernationOptions.Configured") === "true",
    clientToken,
    tags: tags("instance"),
    interfaceTags: tags("network-interface"),
    privateIp: cloud.newAddress("10.0"),
    // Given when it runs.
    publicIp: undefined,
    rootVolume: { id: cloud.newId("vol"), tags: tags("volume"), createdAtMs: nowMs },
    // EC2 tells whole seconds.
    launchedAtMs: Math.floor(nowMs / 1_000) * 1_000,
    visibleAtMs: nowMs + weather.visibleAfterMs,
    state: "pending",
    next: { state: death === undefined ? "running" : "terminated", atMs: runsAtMs },
    stateReason: death,
    statusOkAtMs: runsAtMs + weather.statusMs,
    terminatedAtMs: undefined,
  };
}

function templateOf(cloud: Cloud, query: Query) {
  const name = query.text("LaunchTemplate.LaunchTemplateName");
  if (name === undefined) return undefined;
  const template = cloud.templates.get(name);
  if (template === undefined) {
    const message = `The specified launch template, with template name ${name}, does not exist.`;
    throw new Fault("InvalidLaunchTemplateName.NotFoundException", message);
  }
  return template;
}

function offerOf(cloud: Cloud, query: Query, templateType: string | undefined): Offer {
  const type = query.text("InstanceType") ?? templateType ?? "t3.micro";
  if (!cloud.types.has(type)) throw new Fault("InvalidParameterValue", `Invalid value '${type}' for InstanceType.`);
  const [subnetId, zone] = [query.text("SubnetId"), query.text("Placement.AvailabilityZone")];
  const subnet = cloud.subnets.find((each) =>
    subnetId === undefined ? zone === undefined || each.zone === zone : each.id === subnetId,
  );
  if (subnet === undefined) {
    if (subnetId !== undefined)
      throw new Fault("InvalidSubnetID.NotFound", `The subnet ID '${subnetId}' does not exist`);
    throw new Fault("InvalidParameterValue", `Invalid availability zone: [${zone}]`);
  }
  const market: Market = query.text("InstanceMarketOptions.MarketType") === "spot" ? "spot" : "on-demand";
  return { type, zone: subnet.zone, subnetId: subnet.id, market };
}
