import { type Duration, durationMs } from "../model/duration.js";
import type { Commands } from "./commands.js";
import { checkKnown, problem } from "./parse.js";

/** A resource by its number, for whoever steers. Each command resolves when it is committed. */
export interface ResourceControl {
  /** Deletes it. A lease on it is lost: its holder has the pool's `grace` to stop. */
  delete(): Promise<void>;
  /**
   * Keeps it for a person to look at. A lease on it is lost. Held again, it has the new note and deadline.
   *
   * @param note Why, for whoever lists it.
   * @param options.for After so long it is deleted. Default: the pool's `holdFor`.
   * @throws {WarmpoolError} `WRONG_STATE` unless it is ready, leased or held.
   */
  hold(note: string, options?: { for?: Duration }): Promise<void>;
  /**
   * Gives a held one back to its pool, which treats it as one that was released: it is reset if the provider can, otherwise
   * checked, before anybody gets it; and deleted where each is lent once.
   *
   * @throws {WarmpoolError} `WRONG_STATE` unless it is held.
   */
  unhold(): Promise<void>;
  /**
   * Forgets its record, whatever exists: only for a person who knows that it is gone. Frees its place in the caps.
   *
   * @param reason Why, for whoever reads events.
   */
  forget(reason: string): Promise<void>;
}

/** Each command rejects with `NO_SUCH_RESOURCE` if there is no resource of that number. */
export function controlOf(commands: Commands, id: number): ResourceControl {
  return {
    delete: () => commands.deleteResource(id),
    async hold(note, options = {}) {
      checkText(note, "note");
      checkKnown(options, ["for"]);
      await commands.holdResource(id, note, options.for === undefined ? undefined : durationMs(options.for, "for"));
    },
    unhold: () => commands.unholdResource(id),
    async forget(reason) {
      checkText(reason, "reason");
      await commands.forgetResource(id, reason);
    },
  };
}

/** @throws {WarmpoolError} `INVALID_OPTIONS`. */
function checkText(value: unknown, path: string): void {
  if (typeof value !== "string" || value === "") throw problem([{ path, problem: "must be a text, and not empty" }]);
}
