import { EventEmitter } from "eventemitter3";
import type { AnyEvent, EventType, WarmpoolEvent } from "../model/event.js";
import type { Logger } from "../model/logger.js";

/** A listener for one type of event, or with `"event"` for all. */
export type Listener<Type extends EventType | "event"> = (
  event: Type extends EventType ? WarmpoolEvent<Type> : AnyEvent,
) => void;

type AnyListener = (event: never) => unknown;

/** Who listens to events. What a listener does wrong is neither the pool's nor the other listeners'. */
export class Listeners {
  readonly #logger: Logger;
  readonly #emitter = new EventEmitter<Record<string, [AnyEvent]>>();
  /** Each listener's stand-in, by which it is taken off again. */
  readonly #guarded = new WeakMap<AnyListener, (event: AnyEvent) => void>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get any(): boolean {
    return this.#emitter.eventNames().length > 0;
  }

  on(type: string, listener: AnyListener): void {
    this.#emitter.on(type, this.#guard(listener));
  }

  once(type: string, listener: AnyListener): void {
    this.#emitter.once(type, this.#guard(listener));
  }

  off(type: string, listener: AnyListener): void {
    this.#emitter.off(type, this.#guard(listener));
  }

  emit(event: AnyEvent): void {
    this.#emitter.emit(event.type, event);
    this.#emitter.emit("event", event);
  }

  #guard(listener: AnyListener): (event: AnyEvent) => void {
    let guarded = this.#guarded.get(listener);
    if (guarded === undefined) {
      guarded = (event) => this.tell(event, listener);
      this.#guarded.set(listener, guarded);
    }
    return guarded;
  }

  /** Calls somebody with an event, whatever comes of it. */
  tell(event: AnyEvent, listener: AnyListener): void {
    const failed = (error: unknown) => {
      try {
        this.#logger.error({ err: error, event: event.type }, "a listener threw");
      } catch {
        // The logger itself: there is nobody left to tell.
      }
    };
    try {
      const result = listener(event as never);
      if (result instanceof Promise) result.catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}
