import type { Cloud, RootVolumeTask } from "./cloud.js";
import { named } from "./describe-instances.js";
import { Fault, notFound } from "./fault.js";
import type { Query } from "./query.js";
import type { Xml } from "./xml.js";

/** What CreateReplaceRootVolumeTask does. */
export function createReplaceRootVolumeTask(cloud: Cloud, query: Query): Xml {
  const [instance] = named(cloud, [query.text("InstanceId") ?? ""]);
  if (instance === undefined || instance.state !== "running") {
    throw new Fault("IncorrectInstanceState", "The instance must be in the running state.");
  }
  const clientToken = query.text("ClientToken");
  const before = [...cloud.tasks.values()].find(
    (task) => clientToken !== undefined && task.clientToken === clientToken,
  );
  if (before !== undefined) return { replaceRootVolumeTask: describe(cloud, before) };
  const nowMs = cloud.now();
  const id = cloud.newId("replacevol");
  const task = {
    id,
    instanceId: instance.id,
    clientToken,
    startedAtMs: nowMs,
    readyAtMs: nowMs + cloud.weather.rootVolumeMs,
  };
  cloud.tasks.set(id, task);
  // Volumes get new tags only if the request says so.
  instance.rootVolume = { id: cloud.newId("vol"), tags: instance.rootVolume.tags, createdAtMs: nowMs };
  instance.statusOkAtMs = task.readyAtMs + cloud.weather.statusMs;
  return { replaceRootVolumeTask: describe(cloud, task) };
}

/** What DescribeReplaceRootVolumeTasks does. */
export function describeReplaceRootVolumeTasks(cloud: Cloud, query: Query): Xml {
  const ids = query.texts("ReplaceRootVolumeTaskId");
  const replaceRootVolumeTaskSet = ids.map((id) => {
    const task = cloud.tasks.get(id);
    if (task === undefined) throw notFound("ReplaceRootVolumeTaskId", id);
    return describe(cloud, task);
  });
  return { replaceRootVolumeTaskSet };
}

function describe(cloud: Cloud, { id, instanceId, startedAtMs, readyAtMs }: RootVolumeTask): Xml {
  const taskState = cloud.now() < readyAtMs ? "in-progress" : "succeeded";
  return { replaceRootVolumeTaskId: id, instanceId, taskState, startTime: new Date(startedAtMs).toISOString() };
}
