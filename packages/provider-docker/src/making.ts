import type { AllocateRequest, CallContext, Made, ProviderError } from "@warmpool/core";
import { type DockerContainer, unmade } from "./container.js";
import { EngineFailure } from "./failure.js";
import type { Host } from "./host.js";
import { NoImage } from "./images.js";
import { labelsOf, ourLabels } from "./labels.js";
import type { DockerParams } from "./options.js";
import type { Parts } from "./parts.js";
import type { Plan } from "./plan.js";
import { NeverReady, untilReady } from "./readiness.js";
import { removeContainer } from "./removal.js";

type Context = CallContext<DockerContainer>;

/** Longest that clearing up after a failed allocate may take, in milliseconds. */
const UNDO_MS = 15_000;

/** A host was not reached: nothing was asked of it. */
class NotReached extends Error {}

/** How containers come to be: placed, made, started, waited for, and made anew. */
export class Making {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async allocate(request: AllocateRequest<DockerParams | void>, context: Context): Promise<DockerContainer> {
    const { signal } = context;
    const { key } = request;
    const plan = this.#parts.plans.of(request.params);
    // What is asked for later could be made after somebody has found that there is nothing.
    const tooLate = AbortSignal.timeout(this.#parts.settlesWithinMs / 2);
    const tried = new Map<Host, string>();
    for (;;) {
      const host = await this.#nothing(key, signal, () =>
        this.#parts.inventory.place(key, plan.container.where ?? {}, tried, signal),
      );
      try {
        return await this.#make(host, plan, request, context, tooLate);
      } catch (error) {
        if (!(error instanceof NotReached)) {
          if ((error as ProviderError).made === "nothing") this.#parts.inventory.forget(key);
          throw error;
        }
        tried.set(host, error.message);
        this.#parts.inventory.avoid(host);
        this.#parts.inventory.forget(key);
      }
    }
  }

  async #make(
    host: Host,
    plan: Plan,
    { key, tags }: AllocateRequest<unknown>,
    { signal, checkpoint }: Context,
    tooLate: AbortSignal,
  ): Promise<DockerContainer> {
    await this.#nothing(key, signal, async () => {
      await this.#bringImage(host, plan, key, signal, tooLate);
      await checkpoint(unmade(host, key, plan.image));
    });
    if (tooLate.aborted) throw this.#tooLate(key, plan);
    const id = await this.#create(host, key, plan.body(host, labelsOf(tags)), signal);
    host.made(key);
    if (id === undefined) return await this.#adopt(host, key, plan, signal);
    try {
      return await startAndWait(host, key, id, plan, signal);
    } catch (error) {
      // Nobody waits for it any more. If it can be removed at once, nobody has to find out what became of it either.
      const madeNothing = await host.engine.remove(id, AbortSignal.timeout(UNDO_MS)).then(
        () => true,
        () => false,
      );
      throw this.#parts.failures.of(`container ${key} did not get ready`, host, error, signal, madeNothing);
    }
  }

  async #bringImage(host: Host, plan: Plan, key: string, signal: AbortSignal, tooLate: AbortSignal): Promise<void> {
    try {
      await plan.bringImage(host, AbortSignal.any([signal, tooLate]));
    } catch (error) {
      if (tooLate.aborted) throw this.#tooLate(key, plan);
      if (error instanceof EngineFailure && error.neverSent) throw new NotReached(error.words);
      if (error instanceof NoImage) {
        const kind = error.isForGood ? "permanent" : (error.failure?.kind ?? "transient");
        // An engine calls much of what may pass an error of its own.
        throw this.#parts.failures.error(`container ${key} was not made on host ${host.name}: ${error.message}`, {
          kind: kind === "unknown" ? "transient" : kind,
        });
      }
      throw error;
    }
  }

  /** The container's id; `undefined`: there is one of this name already. */
  async #create(host: Host, key: string, body: object, signal: AbortSignal): Promise<string | undefined> {
    try {
      return await host.engine.create(key, body, signal);
    } catch (error) {
      if (!(error instanceof EngineFailure))
        throw this.#parts.failures.of(`container ${key} was not made`, host, error, signal, true);
      if (error.neverSent) throw new NotReached(error.words);
      if (error.isNameTaken) return undefined;
      if (error.status === 404 && /no such image|image not known/i.test(error.words)) {
        // It was removed behind our back: the next one brings it again.
        host.images.forget();
        throw this.#parts.failures.error(`container ${key} was not made on host ${host.name}: ${error.words}`, {
          kind: "transient",
          madeNothing: true,
        });
      }
      // An answer that was lost may be found: the name is known.
      if (error.status === undefined && (await this.#isThere(host, key, signal))) return undefined;
      throw this.#parts.failures.of(`container ${key} was not made`, host, error, signal, error.didNothing);
    }
  }

  async #isThere(host: Host, key: string, signal: AbortSignal): Promise<boolean> {
    return await host.survey.fresh(signal).then(
      ({ containers }) => containers.has(key),
      () => false,
    );
  }

  /** Goes on with a container of this name: an earlier call, or one whose answer was lost, made it. */
  async #adopt(host: Host, key: string, plan: Plan, signal: AbortSignal): Promise<DockerContainer> {
    try {
      const sighting = (await host.survey.fresh(signal)).containers.get(key);
      if (sighting === undefined) {
        throw this.#parts.failures.error(
          `the name ${key} is taken on host ${host.name} by a container that is none of ours`,
          {
            kind: "permanent",
            madeNothing: true,
          },
        );
      }
      return await startAndWait(host, key, sighting.state === "created" ? sighting.id : undefined, plan, signal);
    } catch (error) {
      throw this.#parts.failures.of(`container ${key} did not get ready`, host, error, signal);
    }
  }

  #tooLate(key: string, plan: Plan): ProviderError {
    const seconds = Math.round(this.#parts.settlesWithinMs / 2_000);
    return this.#parts.failures.error(
      `container ${key} was not made: its image ${plan.image} was not there within ${seconds} s. If that is how long it takes, make settlesWithin longer`,
      { kind: "transient", madeNothing: true },
    );
  }

  /** Makes a container anew, from the same image and under the same name: nothing of what its holder did is left. */
  async reset({ key, data }: Made<DockerContainer>, { signal }: Context): Promise<DockerContainer> {
    const host = this.#parts.inventory.hostOf(key, data.host);
    try {
      const sighting = (await host.survey.fresh(signal)).containers.get(key);
      if (sighting === undefined) throw new NeverReady("it is gone");
      const plan = this.#parts.plans.ofLabels(sighting.labels);
      await plan.bringImage(host, signal);
      await removeContainer(host, sighting, signal);
      const id = await host.engine.create(key, plan.body(host, ourLabels(sighting.labels)), signal);
      return await startAndWait(host, key, id, plan, signal);
    } catch (error) {
      throw this.#parts.failures.of(`container ${key} was not made anew`, host, error, signal);
    }
  }

  /** Runs what comes before anything can have been made. */
  async #nothing<Result>(key: string, signal: AbortSignal, run: () => Promise<Result>): Promise<Result> {
    try {
      return await run();
    } catch (error) {
      if (error instanceof NotReached) throw error;
      throw this.#parts.failures.nothing(`container ${key} was not made`, error, signal);
    }
  }
}

/** @param id Of the container to start. `undefined`: it is started already. */
async function startAndWait(
  host: Host,
  key: string,
  id: string | undefined,
  plan: Plan,
  signal: AbortSignal,
): Promise<DockerContainer> {
  signal.throwIfAborted();
  if (id !== undefined) await host.engine.start(id, signal);
  return await untilReady(host, key, plan.container.readyWhen, signal);
}
