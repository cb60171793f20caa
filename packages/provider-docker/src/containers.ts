import type { CallContext, Found, Health, Listed, Made, ResourceRef } from "@warmpool/core";
import { containerOf, type DockerContainer, sameContainer } from "./container.js";
import type { Host } from "./host.js";
import { tagsOf } from "./labels.js";
import type { Parts } from "./parts.js";
import { wordsOf } from "./plan.js";
import { isReady, runIn, untilReady, verdictOf } from "./readiness.js";
import { removeContainer } from "./removal.js";
import type { Sighting } from "./sighting.js";

type Context = CallContext<DockerContainer>;

/** How old a listing may be by which a check calls a container healthy, in milliseconds. */
const CHECK_AGE_MS = 1_000;

/** What becomes of containers that exist, or may exist: which hosts are asked, and what their answers mean. */
export class Containers {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async delete({ key, data }: ResourceRef<DockerContainer>, { signal }: Context): Promise<void> {
    if (data !== undefined) this.#parts.inventory.note(key, this.#parts.inventory.hostOf(key, data.host));
    const looks = await this.#onAll(this.#parts.inventory.hostsOf(key), (host) => this.#deleteOn(host, key, signal));
    const [failure] = looks.flatMap((look) => ("error" in look ? [look] : []));
    if (failure === undefined || looks.some((look) => "result" in look && look.result)) return;
    throw this.#parts.failures.of(`container ${key} was not deleted`, failure.host, failure.error, signal);
  }

  /** Whether it was there. */
  async #deleteOn(host: Host, key: string, signal: AbortSignal): Promise<boolean> {
    const sighting = (await host.survey.fresh(signal)).containers.get(key);
    if (sighting === undefined) return false;
    this.#parts.inventory.note(key, host);
    await removeContainer(host, sighting, signal);
    host.release(key);
    return true;
  }

  async check({ key, data }: Made<DockerContainer>, { signal }: Context): Promise<Health<DockerContainer>> {
    const host = this.#parts.inventory.get(data.host);
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
    const looks = await this.#onAll(this.#parts.inventory.hostsOf(key), async (host) => {
      return (await host.survey.fresh(signal)).containers.get(key);
    });
    for (const look of looks) {
      if (!("result" in look) || look.result === undefined) continue;
      this.#parts.inventory.note(key, look.host);
      return await this.#finding(look.host, look.result, signal);
    }
    const [failure] = looks.flatMap((look) => ("error" in look ? [look] : []));
    if (failure !== undefined)
      throw this.#parts.failures.of(
        `nobody knows whether there is a container ${key}`,
        failure.host,
        failure.error,
        signal,
      );
    this.#parts.inventory.forget(key);
    return { status: "absent" };
  }

  async #finding(host: Host, sighting: Sighting, signal: AbortSignal): Promise<Found<DockerContainer>> {
    const data = containerOf(host, sighting);
    const verdict = verdictOf(sighting);
    if (verdict.is === "never") return { status: "broken", data, reason: verdict.why };
    const { readyWhen } = this.#parts.plans.ofLabels(sighting.labels).container;
    if (verdict.is === "ready" && (await isReady(data, readyWhen, runIn(host, data, signal), signal))) {
      return { status: "ready", data };
    }
    const reason = verdict.is === "not yet" ? verdict.why : "readyWhen is not fulfilled";
    // Who was to make it ready has given up by then, or is gone.
    const isOld = Date.now() - sighting.createdAtMs > this.#parts.settlesWithinMs;
    return isOld ? { status: "broken", data, reason } : { status: "pending", data };
  }

  async *list({ signal }: Context): AsyncGenerator<Listed<DockerContainer>> {
    const looks = await this.#onAll(this.#parts.inventory.all, (host) => host.survey.fresh(signal));
    for (const look of looks) {
      // One host that is missing would make all its containers look lost.
      if ("error" in look)
        throw this.#parts.failures.of("the containers were not listed", look.host, look.error, signal);
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

  /** Freezes a container: it keeps its memory and uses no processor. */
  async suspend({ key, data }: Made<DockerContainer>, { signal }: Context): Promise<void> {
    const host = this.#parts.inventory.hostOf(key, data.host);
    const failed = (error: unknown) => this.#parts.failures.of(`container ${key} was not paused`, host, error, signal);
    const isPaused = async () => (await this.#stateOf(host, data, signal)) === "paused";
    await host.engine.pause(data.id, signal).catch(async (error) => {
      if (!(await isPaused().catch(() => false))) throw failed(error);
    });
    host.survey.changed();
  }

  async resume({ key, data }: Made<DockerContainer>, { signal }: Context): Promise<DockerContainer> {
    const host = this.#parts.inventory.hostOf(key, data.host);
    try {
      await host.engine.unpause(data.id, signal).catch(async (error) => {
        if ((await this.#stateOf(host, data, signal)) !== "running") throw error;
      });
      const { readyWhen } = this.#parts.plans.ofLabels(
        (await host.survey.fresh(signal)).containers.get(key)?.labels ?? {},
      ).container;
      host.survey.changed();
      return await untilReady(host, key, readyWhen, signal, true);
    } catch (error) {
      throw this.#parts.failures.of(`container ${key} did not get going again`, host, error, signal);
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
}
