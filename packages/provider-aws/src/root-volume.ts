import type { ReplaceRootVolumeTask } from "@aws-sdk/client-ec2";
import { ProviderError } from "@warmpool/core";
import type { Ec2Api } from "./client.js";
import { SharedReading } from "./shared-reading.js";

/** Gives instances new root volumes, made from their image as at launch, and reads how far all of them are in one call. */
export class RootVolumes {
  readonly #api: Ec2Api;
  /** Those under way. */
  readonly #tasks = new Set<string>();
  readonly #reading: SharedReading<ReadonlyMap<string, ReplaceRootVolumeTask>>;

  constructor(api: Ec2Api, settings: { readonly pollEveryMs: number }) {
    this.#api = api;
    this.#reading = new SharedReading(settings.pollEveryMs, () => this.#read());
  }

  /** Resolves when the new volume is in place. The instance is restarted by it. The old volume is deleted. */
  async replace(instanceId: string, signal: AbortSignal): Promise<void> {
    const what = `CreateReplaceRootVolumeTask for ${instanceId}`;
    const input = { InstanceId: instanceId, DeleteReplacedRootVolume: true };
    const { ReplaceRootVolumeTask: task } = await this.#api.ask(what, (client, sdk) =>
      client.send(new sdk.CreateReplaceRootVolumeTaskCommand(input)),
    );
    const id = task?.ReplaceRootVolumeTaskId;
    if (id === undefined) throw new ProviderError(`${what} was answered without a task.`, { kind: "unknown" });
    this.#tasks.add(id);
    try {
      await this.#finished(id, what, signal);
    } finally {
      this.#tasks.delete(id);
    }
  }

  async #finished(id: string, what: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      const state = (await this.#reading.since(performance.now(), signal)).get(id)?.TaskState;
      switch (state) {
        case "succeeded":
          return;
        case "failed":
        case "failed-detached":
        case "failing":
          throw new ProviderError(`${what} ended as ${state}.`, { kind: "unknown" });
        case "pending":
        case "in-progress":
        case undefined:
          break;
        default:
          throw new ProviderError(`${what} is in a state that is not known here: ${String(state)}.`, {
            kind: "unknown",
          });
      }
    }
  }

  async #read(): Promise<ReadonlyMap<string, ReplaceRootVolumeTask>> {
    const input = { ReplaceRootVolumeTaskIds: [...this.#tasks] };
    const { ReplaceRootVolumeTasks = [] } = await this.#api.ask("DescribeReplaceRootVolumeTasks", (client, sdk) =>
      client.send(new sdk.DescribeReplaceRootVolumeTasksCommand(input)),
    );
    return new Map(ReplaceRootVolumeTasks.map((task) => [task.ReplaceRootVolumeTaskId ?? "", task]));
  }
}
