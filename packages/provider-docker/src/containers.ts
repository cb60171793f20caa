import { setTimeout as sleep } from "node:timers/promises";
import type {
  AllocateRequest,
  CallContext,
  Found,
  Health,
  Listed,
  Made,
  ProviderError,
  ResourceRef,
} from "@warmpool/core";
import { containerOf, type DockerContainer, sameContainer, unmade } from "./container.js";
import { runExec } from "./exec.js";
import { EngineFailure, providerError } from "./failure.js";
import type { Host } from "./host.js";
import { NoImage } from "./images.js";
import type { Inventory } from "./inventory.js";
import { labelsOf, ourLabels, tagsOf } from "./labels.js";
import type { DockerParams } from "./options.js";
import type { DockerSettings } from "./parse-options.js";
import { type Plan, Plans, wordsOf } from "./plan.js";
import { isReady, NeverReady, untilReady, verdictOf } from "./readiness.js";
import type { Secrets } from "./redact.js";
import type { Sighting } from "./sighting.js";

type Context = CallContext<DockerContainer>;

/** How old a listing may be by which a check calls a container healthy, in milliseconds. */
const CHECK_AGE_MS = 1_000;

/** Longest that clearing up after a failed allocate may take, in milliseconds. */
const UNDO_MS = 15_000;

/** Between two looks whether a removal under way has come to its end, in milliseconds. */
const REMOVAL_PAUSE_MS = 200;

/** A host was not reached: nothing was asked of it. */
class NotReached extends Error {}

/** The calls of a provider, as containers: what each asks of which host, and what the answer means. */
export class Containers {
  readonly #settings: DockerSettings;
  readonly #inventory: Inventory;
  readonly #plans: Plans;

  constructor(settings: DockerSettings, inventory: Inventory, secrets: Secrets) {
    this.#settings = settings;
    this.#inventory = inventory;
    this.#plans = new Plans(settings, secrets);
  }

  async allocate(request: AllocateRequest<DockerParams | void>, context: Context): Promise<DockerContainer> {
    const { signal } = context;
    const { key } = request;
    const plan = this.#plans.of(request.params);
    // What is asked for later could be made after somebody has found that there is nothing.
    const tooLate = AbortSignal.timeout(this.#settings.settlesWithinMs / 2);
    const tried = new Map<Host, string>();
    for (;;) {
      const host = await this.#nothing(key, signal, () =>
        this.#inventory.place(key, plan.container.where ?? {}, tried, signal),
      );
      try {
        return await this.#make(host, plan, request, context, tooLate);
      } catch (error) {
        if (!(error instanceof NotReached)) {
          if ((error as ProviderError).made === "nothing") this.#inventory.forget(key);
          throw error;
        }
        tried.set(host, error.message);
        this.#inventory.avoid(host);
        this.#inventory.forget(key);
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
      await this.#bringImage(host, plan, key, AbortSignal.any([signal, tooLate]));
      await checkpoint(unmade(host, key, plan.image));
    });
    if (tooLate.aborted) throw this.#tooLate(key, plan);
    const id = await this.#create(host, key, plan.body(host, labelsOf(tags)), signal);
    host.made(key);
    if (id === undefined) return await this.#adopt(host, key, plan, signal);
    try {
      return await this.#startAndWait(host, key, id, plan, signal);
    } catch (error) {
      // Nobody waits for it any more. If it can be removed at once, nobody has to find out what became of it either.
      const madeNothing = await host.engine.remove(id, AbortSignal.timeout(UNDO_MS)).then(
        () => true,
        () => false,
      );
      throw this.#failed(`container ${key} did not get ready`, host, error, signal, madeNothing);
    }
  }

  async #bringImage(host: Host, plan: Plan, key: string, signal: AbortSignal): Promise<void> {
    try {
      await plan.bringImage(host, signal);
    } catch (error) {
      if (error instanceof EngineFailure && error.neverSent) throw new NotReached(error.words);
      if (error instanceof NoImage) {
        const kind = error.isForGood ? "permanent" : (error.failure?.kind ?? "transient");
        // An engine calls much of what may pass an error of its own.
        throw this.#error(`container ${key} was not made on host ${host.name}: ${error.message}`, {
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
        throw this.#failed(`container ${key} was not made`, host, error, signal, true);
      if (error.neverSent) throw new NotReached(error.words);
      if (error.isNameTaken) return undefined;
      if (error.status === 404 && /no such image|image not known/i.test(error.words)) {
        // It was removed behind our back: the next one brings it again.
        host.images.forget();
        throw this.#error(`container ${key} was not made on host ${host.name}: ${error.words}`, {
          kind: "transient",
          madeNothing: true,
        });
      }
      // An answer that was lost may be found: the name is known.
      if (error.status === undefined && (await this.#isThere(host, key, signal))) return undefined;
      throw this.#failed(`container ${key} was not made`, host, error, signal, error.didNothing);
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
        throw this.#error(`the name ${key} is taken on host ${host.name} by a container that is none of ours`, {
          kind: "permanent",
          madeNothing: true,
        });
      }
      return await this.#startAndWait(host, key, sighting.state === "created" ? sighting.id : undefined, plan, signal);
    } catch (error) {
      throw this.#failed(`container ${key} did not get ready`, host, error, signal);
    }
  }

  /** @param id Of the container to start. `undefined`: it is started already. */
  async #startAndWait(
    host: Host,
    key: string,
    id: string | undefined,
    plan: Plan,
    signal: AbortSignal,
  ): Promise<DockerContainer> {
    signal.throwIfAborted();
    if (id !== undefined) await host.engine.start(id, signal);
    return await untilReady(
      host,
      key,
      plan.container.readyWhen,
      (container) => this.#runIn(host, container, signal),
      signal,
    );
  }

  #runIn(host: Host, { id }: DockerContainer, signal: AbortSignal) {
    return (command: readonly string[]) => runExec(host.engine, id, command, {}, signal);
  }

  async delete({ key, data }: ResourceRef<DockerContainer>, { signal }: Context): Promise<void> {
    if (data !== undefined) this.#inventory.note(key, this.#hostOf(key, data));
    const looks = await this.#onAll(this.#inventory.hostsOf(key), (host) => this.#deleteOn(host, key, signal));
    const [failure] = looks.flatMap((look) => ("error" in look ? [look] : []));
    if (failure === undefined || looks.some((look) => "result" in look && look.result)) return;
    throw this.#failed(`container ${key} was not deleted`, failure.host, failure.error, signal);
  }

  /** Whether it was there. */
  async #deleteOn(host: Host, key: string, signal: AbortSignal): Promise<boolean> {
    const sighting = (await host.survey.fresh(signal)).containers.get(key);
    if (sighting === undefined) return false;
    this.#inventory.note(key, host);
    await this.#remove(host, sighting, signal);
    host.release(key);
    return true;
  }

  async #remove(host: Host, { id, key, state }: Sighting, signal: AbortSignal): Promise<void> {
    try {
      // Podman doesn't always end what is paused.
      if (state === "paused") await host.engine.unpause(id, signal).catch(() => {});
      await host.engine.remove(id, signal);
    } catch (error) {
      if (!(error instanceof EngineFailure && /already in progress/i.test(error.words))) throw error;
      while ((await host.survey.fresh(signal)).containers.get(key)?.id === id) {
        await sleep(REMOVAL_PAUSE_MS, undefined, { signal });
      }
    }
  }

  async check({ key, data }: Made<DockerContainer>, { signal }: Context): Promise<Health<DockerContainer>> {
    const host = this.#inventory.get(data.host);
    if (host === undefined) return { status: "unknown", reason: `host ${data.host} is not among the hosts` };
    if (host.state === "broken") {
      return {
        status: "unhealthy",
        reason: `host ${host.name} was marked broken${host.reason ? `: ${host.reason}` : ""}`,
      };
    }
    try {
      // What a listing of a moment ago doesn't call well may have changed since.
      const before = this.#healthOf(host, data, (await host.survey.recent(CHECK_AGE_MS, signal)).containers.get(key));
      if (before.status === "healthy") return before;
      return this.#healthOf(host, data, (await host.survey.fresh(signal)).containers.get(key));
    } catch (error) {
      signal.throwIfAborted();
      return { status: "unknown", reason: `host ${host.name} did not answer: ${wordsOf(error)}` };
    }
  }

  #healthOf(host: Host, data: DockerContainer, sighting: Sighting | undefined): Health<DockerContainer> {
    if (sighting === undefined) return { status: "unhealthy", reason: `there is no container ${data.name}` };
    if (sighting.id !== data.id) return { status: "unhealthy", reason: `${data.name} is another container by now` };
    const verdict = verdictOf(sighting);
    switch (verdict.is) {
      case "never":
        return { status: "unhealthy", reason: verdict.why };
      case "not yet":
        return { status: "unknown", reason: verdict.why };
      case "ready": {
        const now = containerOf(host, sighting);
        return { status: "healthy", ...(!sameContainer(now, data) && { data: now }) };
      }
    }
  }

  async find(key: string, { signal }: Context): Promise<Found<DockerContainer>> {
    const looks = await this.#onAll(this.#inventory.hostsOf(key), async (host) => {
      return (await host.survey.fresh(signal)).containers.get(key);
    });
    for (const look of looks) {
      if (!("result" in look) || look.result === undefined) continue;
      this.#inventory.note(key, look.host);
      return await this.#finding(look.host, look.result, signal);
    }
    const [failure] = looks.flatMap((look) => ("error" in look ? [look] : []));
    if (failure !== undefined)
      throw this.#failed(`nobody knows whether there is a container ${key}`, failure.host, failure.error, signal);
    this.#inventory.forget(key);
    return { status: "absent" };
  }

  async #finding(host: Host, sighting: Sighting, signal: AbortSignal): Promise<Found<DockerContainer>> {
    const data = containerOf(host, sighting);
    const verdict = verdictOf(sighting);
    if (verdict.is === "never") return { status: "broken", data, reason: verdict.why };
    const { readyWhen } = this.#plans.ofLabels(sighting.labels).container;
    if (verdict.is === "ready" && (await isReady(data, readyWhen, this.#runIn(host, data, signal), signal))) {
      return { status: "ready", data };
    }
    const reason = verdict.is === "not yet" ? verdict.why : "readyWhen is not fulfilled";
    // Who was to make it ready has given up by then, or is gone.
    const isOld = Date.now() - sighting.createdAtMs > this.#settings.settlesWithinMs;
    return isOld ? { status: "broken", data, reason } : { status: "pending", data };
  }

  async *list({ signal }: Context): AsyncGenerator<Listed<DockerContainer>> {
    const looks = await this.#onAll(this.#inventory.all, (host) => host.survey.fresh(signal));
    for (const look of looks) {
      // One host that is missing would make all its containers look lost.
      if ("error" in look) throw this.#failed("the containers were not listed", look.host, look.error, signal);
    }
    for (const look of looks) {
      if (!("result" in look)) continue;
      for (const sighting of look.result.containers.values()) {
        const { key, createdAtMs, labels } = sighting;
        const isWhole = verdictOf(sighting).is === "ready";
        yield { key, createdAtMs, tags: tagsOf(labels), ...(isWhole && { data: containerOf(look.host, sighting) }) };
      }
    }
  }

  /** Makes a container anew, from the same image and under the same name: nothing of what its holder did is left. */
  async reset({ key, data }: Made<DockerContainer>, { signal }: Context): Promise<DockerContainer> {
    const host = this.#hostOf(key, data);
    try {
      const sighting = (await host.survey.fresh(signal)).containers.get(key);
      if (sighting === undefined) throw new NeverReady("it is gone");
      const plan = this.#plans.ofLabels(sighting.labels);
      await plan.bringImage(host, signal);
      await this.#remove(host, sighting, signal);
      const id = await host.engine.create(key, plan.body(host, ourLabels(sighting.labels)), signal);
      return await this.#startAndWait(host, key, id, plan, signal);
    } catch (error) {
      throw this.#failed(`container ${key} was not made anew`, host, error, signal);
    }
  }

  /** Freezes a container: it keeps its memory and uses no processor. */
  async suspend({ key, data }: Made<DockerContainer>, { signal }: Context): Promise<void> {
    const host = this.#hostOf(key, data);
    const failed = (error: unknown) => this.#failed(`container ${key} was not paused`, host, error, signal);
    const isPaused = async () => (await this.#stateOf(host, data, signal)) === "paused";
    await host.engine.pause(data.id, signal).catch(async (error) => {
      if (!(await isPaused().catch(() => false))) throw failed(error);
    });
  }

  async resume({ key, data }: Made<DockerContainer>, { signal }: Context): Promise<DockerContainer> {
    const host = this.#hostOf(key, data);
    try {
      await host.engine.unpause(data.id, signal).catch(async (error) => {
        if ((await this.#stateOf(host, data, signal)) !== "running") throw error;
      });
      const { readyWhen } = this.#plans.ofLabels(
        (await host.survey.fresh(signal)).containers.get(key)?.labels ?? {},
      ).container;
      return await untilReady(host, key, readyWhen, (container) => this.#runIn(host, container, signal), signal);
    } catch (error) {
      throw this.#failed(`container ${key} did not get going again`, host, error, signal);
    }
  }

  async #stateOf(
    host: Host,
    { id, name }: DockerContainer,
    signal: AbortSignal,
  ): Promise<Sighting["state"] | undefined> {
    const sighting = (await host.survey.fresh(signal)).containers.get(name);
    return sighting?.id === id ? sighting.state : undefined;
  }

  #hostOf(key: string, { host: name }: DockerContainer): Host {
    const host = this.#inventory.get(name);
    if (host !== undefined) return host;
    throw this.#error(
      `container ${key} is on host ${name}, which is not among the hosts: add it again, as drained, or forget the resource`,
      { kind: "permanent" },
    );
  }

  async #onAll<Result>(
    hosts: readonly Host[],
    ask: (host: Host) => Promise<Result>,
  ): Promise<({ readonly host: Host; readonly result: Result } | { readonly host: Host; readonly error: unknown })[]> {
    return await Promise.all(
      hosts.map(async (host) => {
        try {
          return { host, result: await ask(host) };
        } catch (error) {
          return { host, error };
        }
      }),
    );
  }

  /** Runs what comes before anything can have been made. */
  async #nothing<Result>(key: string, signal: AbortSignal, run: () => Promise<Result>): Promise<Result> {
    try {
      return await run();
    } catch (error) {
      if (error instanceof NotReached) throw error;
      const message = signal.aborted ? "it was aborted" : wordsOf(error);
      const kind = error instanceof EngineFailure ? error.kind : (error as Partial<ProviderError>).kind;
      const isOurs = (error as Partial<ProviderError>).kind !== undefined && !(error instanceof EngineFailure);
      throw this.#error(isOurs ? message : `container ${key} was not made: ${message}`, {
        kind: kind ?? "transient",
        madeNothing: true,
      });
    }
  }

  #tooLate(key: string, plan: Plan): ProviderError {
    const seconds = Math.round(this.#settings.settlesWithinMs / 2_000);
    return this.#error(
      `container ${key} was not made: its image ${plan.image} was not there within ${seconds} s. If that is how long it takes, make settlesWithin longer`,
      { kind: "transient", madeNothing: true },
    );
  }

  /** What the caller hears of a failure: never the engine's whole answer, and no secret. */
  #failed(what: string, host: Host, error: unknown, signal: AbortSignal, madeNothing = false): ProviderError {
    const own = error as Partial<ProviderError>;
    if (own.code === "PROVIDER_FAILED") return error as ProviderError;
    if (signal.aborted) return this.#error(`${what}: it was aborted`, { kind: "transient", madeNothing });
    const kind = error instanceof EngineFailure ? error.kind : "unknown";
    return this.#error(`${what} on host ${host.name}: ${wordsOf(error)}`, { kind, madeNothing });
  }

  #error(message: string, options: Parameters<typeof providerError>[2]): ProviderError {
    return providerError(this.#settings.name, message, options);
  }
}
