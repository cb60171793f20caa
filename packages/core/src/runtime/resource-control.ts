import { type Duration, durationMs } from "../model/duration.js";
import { checkKnown } from "./parse.js";
import type { Steering } from "./steering.js";

/** A resource by its number, for whoever steers. */
export interface ResourceControl {
  /** Deletes it. A lease on it is lost: its holder has the pool's `grace` to stop. */
  delete(): Promise<void>;
  /** Keeps it for a person to look at. A lease on it is lost. */
  hold(note: string, options?: { for?: Duration }): Promise<void>;
  /**
   * Forgets its record, whatever exists: only for a person who knows that it is gone. Frees its place in the caps.
   */
  forget(reason: string): Promise<void>;
}

/** Each command rejects with `NO_SUCH_RESOURCE` if there is no resource of that number. */
export function controlOf(steering: Steering, id: number): ResourceControl {
  const command = (name: string, run: Parameters<Steering["toResource"]>[2]) => steering.toResource(name, id, run);
  return {
    delete: () => command("delete", (engine, resource, nowMs) => engine.remove(resource, nowMs)),
    hold: (note, options = {}) =>
      command("hold", (engine, resource, nowMs) => {
        checkKnown(options, ["for"]);
        const forMs = options.for === undefined ? resource.pool.policy.holdForMs : durationMs(options.for, "for");
        engine.hold(resource, note, forMs, nowMs);
      }),
    forget: (reason) => command("forget", (engine, resource, nowMs) => engine.forget(resource, reason, nowMs)),
  };
}
