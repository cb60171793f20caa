import type { AnyEvent, EventType, WarmpoolEvent } from "../model/event.js";
import type { Logger } from "../model/logger.js";

/** A listener for one type of event, or with `"event"` for all. */
export type Listener<Type extends EventType | "event"> = (
  event: Type extends EventType ? WarmpoolEvent<Type> : AnyEvent,
) => void;

type AnyListener = (event: never) => unknown;

interface Registration {
  readonly listener: AnyListener;
  readonly once: boolean;
}

/** Who listens to events. What a listener does wrong is neither the pool's nor the other listeners'. */
export class Listeners {
  readonly #logger: Logger;
  /** Never changed, but replaced: who is being told is told to the end. */
  readonly #byType = new Map<string, readonly Registration[]>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get any(): boolean {
    return this.#byType.size > 0;
  }

  on(type: string, listener: AnyListener): void {
    this.#add(type, { listener, once: false });
  }

  once(type: string, listener: AnyListener): void {
    this.#add(type, { listener, once: true });
  }

  /** All that a listener was registered for. */
  off(type: string, listener: AnyListener): void {
    this.#keep(type, (each) => each.listener !== listener);
  }

  emit(event: AnyEvent): void {
    this.#emit(event.type, event);
    this.#emit("event", event);
  }

  #emit(type: string, event: AnyEvent): void {
    for (const registration of this.#of(type)) {
      if (registration.once) this.#keep(type, (each) => each !== registration);
      this.tell(event, registration.listener);
    }
  }

  #of(type: string): readonly Registration[] {
    return this.#byType.get(type) ?? [];
  }

  #add(type: string, registration: Registration): void {
    this.#byType.set(type, [...this.#of(type), registration]);
  }

  #keep(type: string, stays: (registration: Registration) => boolean): void {
    const left = this.#of(type).filter(stays);
    if (left.length > 0) this.#byType.set(type, left);
    else this.#byType.delete(type);
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
