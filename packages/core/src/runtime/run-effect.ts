import type { Effect } from "../engine/effect.js";
import type { Handle } from "./handle.js";
import { type Life, leads } from "./life.js";
import type { RuntimeOptions } from "./runtime-options.js";

/** Does what an engine decided, once that is committed. */
export function runEffect({ emit, log }: Pick<RuntimeOptions, "emit" | "log">, life: Life, effect: Effect): void {
  switch (effect.type) {
    case "granted":
      // Another leader may have ended it by now: whoever waits is told when the records are loaded anew.
      if (!leads(life)) return;
      (effect.ticket.handle as Handle | undefined)?.granted(effect.resource);
      return;
    case "closed":
      (effect.ticket.handle as Handle | undefined)?.closed();
      return;
    case "overdue":
      (effect.ticket.handle as Handle | undefined)?.overdue();
      return;
    case "call":
      return life.caller.start(effect.call);
    case "abort":
      return life.caller.abort(effect.call);
    case "event":
      life.counter?.tellEvent(effect.event);
      if (effect.told !== true) emit(effect.event);
      return log.append(effect.event);
  }
}
