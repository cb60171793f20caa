import type { Cloud } from "./cloud.js";
import { named, stateOf } from "./describe-instances.js";
import { Fault } from "./fault.js";
import type { Instance, StateName } from "./instance.js";
import type { Query } from "./query.js";
import type { Xml } from "./xml.js";

const BY_USER = {
  code: "Client.UserInitiatedShutdown",
  message: "Client.UserInitiatedShutdown: User initiated shutdown",
};

export function terminateInstances(cloud: Cloud, query: Query): Xml {
  return change(cloud, query, (instance) => {
    if (instance.state === "terminated" || instance.state === "shutting-down") return;
    instance.stateReason = BY_USER;
    turn(cloud, instance, "shutting-down", "terminated", cloud.weather.shuttingDownMs);
  });
}

export function stopInstances(cloud: Cloud, query: Query): Xml {
  const hibernate = query.text("Hibernate") === "true";
  return change(cloud, query, (instance) => {
    if (instance.state === "stopped" || instance.state === "stopping") return;
    if (instance.state !== "running") throw wrongState(instance);
    if (instance.market === "spot") {
      throw new Fault(
        "UnsupportedOperation",
        `You can't stop the Spot Instance '${instance.id}' because it is associated with a one-time Spot Instance request.`,
      );
    }
    if (hibernate && !instance.hibernates) {
      throw new Fault(
        "UnsupportedHibernationConfiguration",
        `The instance '${instance.id}' is not configured for hibernation.`,
      );
    }
    instance.stateReason = BY_USER;
    turn(cloud, instance, "stopping", "stopped", cloud.weather.stoppingMs);
  });
}

export function startInstances(cloud: Cloud, query: Query): Xml {
  return change(cloud, query, (instance) => {
    if (instance.state === "running" || instance.state === "pending") return;
    if (instance.state !== "stopped") throw wrongState(instance);
    // A stop gives the address back.
    instance.publicIp = undefined;
    instance.stateReason = undefined;
    instance.launchedAtMs = Math.floor(cloud.now() / 1_000) * 1_000;
    turn(cloud, instance, "pending", "running", cloud.weather.pendingMs);
    instance.statusOkAtMs = cloud.now() + cloud.weather.pendingMs + cloud.weather.statusMs;
  });
}

export function rebootInstances(cloud: Cloud, query: Query): Xml {
  for (const instance of named(cloud, query.texts("InstanceId"))) {
    if (instance.state !== "running") throw wrongState(instance);
    instance.statusOkAtMs = cloud.now() + cloud.weather.statusMs;
  }
  return { return: true };
}

function change(cloud: Cloud, query: Query, act: (instance: Instance) => void): Xml {
  const ids = query.texts("InstanceId");
  if (ids.length === 0) throw new Fault("MissingParameter", "The request must contain the parameter InstanceId");
  const instancesSet = named(cloud, ids).map((instance) => {
    const previousState = stateOf(instance);
    act(instance);
    return { instanceId: instance.id, currentState: stateOf(instance), previousState };
  });
  return { instancesSet };
}

function turn(cloud: Cloud, instance: Instance, through: StateName, to: StateName, takesMs: number): void {
  instance.state = through;
  instance.next = { state: to, atMs: cloud.now() + takesMs };
}

function wrongState({ id, state }: Instance): Fault {
  const message = `The instance '${id}' is not in a state from which it can be changed so: it is ${state}.`;
  return new Fault("IncorrectInstanceState", message);
}
