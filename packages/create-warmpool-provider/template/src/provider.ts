import { setTimeout as pause } from "node:timers/promises";
import { type Provider, ProviderError, type ResourceTags } from "@warmpool/core";
import { Api, type Machine } from "./api.ts";

export interface RackOptions {
  /** Where the API is. */
  readonly url: string;
  /** Pause between two looks at a machine that changes, in milliseconds. Default: 1,000. */
  readonly pollEveryMs?: number;
  /** How long a request whose answer was lost can still make something, in milliseconds. Default: 60,000. */
  readonly settlesWithinMs?: number;
}

/** Machines, each under the key that the pool gives it. */
export function rackProvider({ url, pollEveryMs = 1_000, settlesWithinMs = 60_000 }: RackOptions): Provider<Machine> {
  const api = new Api(url);

  /** Looks until the machine is as it should be. */
  async function until<Result>(name: string, signal: AbortSignal, look: (machine?: Machine) => Result | undefined) {
    for (;;) {
      const result = look(await api.named(name, signal));
      if (result !== undefined) return result;
      await pause(pollEveryMs, undefined, { signal });
    }
  }

  const untilRunning = (name: string, signal: AbortSignal) =>
    until(name, signal, (machine) => {
      if (machine?.state === "running") return machine;
      if (machine?.state === "starting") return undefined;
      throw new ProviderError(`machine ${name} is ${machine?.state ?? "gone"}`);
    });

  return {
    name: "rack",
    settlesWithin: settlesWithinMs,

    /** Makes it under the key, so that it can be found and deleted whatever becomes of the answer. */
    async allocate({ key, tags }, { signal, checkpoint }) {
      const machine = await api.create(key, labelsOf(tags), signal);
      await checkpoint(machine);
      return await untilRunning(key, signal);
    },

    /** Resolves when it is gone. There may be no data, half a machine, or none. */
    async delete({ key }, { signal }) {
      const machine = await api.named(key, signal);
      if (machine === undefined) return;
      await api.delete(machine.id, signal);
      await until(key, signal, (left) => left === undefined || undefined);
    },

    /** A rejection that is "transient" says nothing about the machine. */
    async check({ key, data }, { signal }) {
      const machine = await api.named(key, signal);
      if (machine?.id !== data.id) return { status: "unhealthy", reason: "it is gone" };
      if (machine.state === "broken") return { status: "unhealthy", reason: "the API calls it broken" };
      return { status: machine.state === "running" ? "healthy" : "unknown" };
    },

    async find(key, { signal }) {
      const machine = await api.named(key, signal);
      if (machine === undefined) return { status: "absent" };
      if (machine.state === "running") return { status: "ready", data: machine };
      return { status: machine.state === "starting" ? "pending" : "broken", data: machine };
    },

    /** To its end, or it throws: what a short list leaves out would be taken for lost. */
    async *list({ signal }) {
      for await (const machine of api.all(signal)) {
        const { name, createdAtMs, labels } = machine;
        yield { key: name, data: machine, createdAtMs, tags: tagsIn(labels) };
      }
    },

    async reset({ key, data }, { signal }) {
      await api.clean(data.id, signal);
      return await untilRunning(key, signal);
    },
  };
}

/** Whose it is, for whoever finds it without a record. */
function labelsOf(tags: ResourceTags): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [`warmpool-${name}`, String(value)]));
}

function tagsIn(labels: Machine["labels"]): Partial<ResourceTags> {
  const text = (name: keyof ResourceTags) => {
    const value = labels[`warmpool-${name}`];
    return value === undefined ? {} : { [name]: value };
  };
  const number = (name: keyof ResourceTags) => {
    const value = labels[`warmpool-${name}`];
    return value === undefined ? {} : { [name]: Number(value) };
  };
  return {
    ...text("namespace"),
    ...text("installation"),
    ...text("pool"),
    ...text("key"),
    ...number("epoch"),
    ...number("expiresAtMs"),
  };
}
