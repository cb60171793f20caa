import { setTimeout as sleep } from "node:timers/promises";
import { EngineFailure } from "./failure.js";
import type { Host } from "./host.js";
import type { Sighting } from "./sighting.js";

/** Between two looks whether a removal under way has come to its end, in milliseconds. */
const PAUSE_MS = 200;

/** Resolves when the container is gone, whoever removes it. */
export async function removeContainer(host: Host, { id, key, state }: Sighting, signal: AbortSignal): Promise<void> {
  try {
    // Podman doesn't always end what is paused.
    if (state === "paused") await host.engine.unpause(id, signal).catch(() => {});
    await host.engine.remove(id, signal);
  } catch (error) {
    if (!(error instanceof EngineFailure && /already in progress/i.test(error.words))) throw error;
    while ((await host.survey.fresh(signal)).containers.get(key)?.id === id) {
      await sleep(PAUSE_MS, undefined, { signal });
    }
  }
}
