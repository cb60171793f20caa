import type { ProviderError } from "@warmpool/core";
import type { EngineFailure } from "./failure.js";
import { providerError } from "./failure.js";
import type { Host } from "./host.js";
import type { HostState } from "./options.js";

/** For how long a host that could not be reached gets no containers if there are others, in milliseconds. */
const AVOIDED_MS = 5_000;

/** What is known of a host. */
export interface HostStatus {
  /** As the options have it. */
  readonly name: string;
  /** What was last said of it. */
  readonly state: HostState;
  /** Why it is in this state, if somebody said so. */
  readonly reason: string | undefined;
  /** As the options have them. */
  readonly labels: Readonly<Record<string, string>>;
  /** `null`: no limit. */
  readonly capacity: number | null;
  /** How many containers of ours are on it, of all managers; `undefined`: it can't be reached. */
  readonly containers: number | undefined;
  /** Why it can't be reached. */
  readonly problem: string | undefined;
}

/** The machines of a provider. What is said here holds until the process ends: `hosts` says how it begins. */
export interface DockerHosts {
  /** What is known of each host, asked of the hosts now. */
  status(options?: { readonly signal?: AbortSignal }): Promise<HostStatus[]>;
  /** It gets no new containers. What is there serves on. @throws {TypeError} There is no such host. */
  drain(host: string, reason?: string): void;
  /**
   * It gets no new containers, and what is there counts as unhealthy: it is replaced, on other hosts, and deleted as soon
   * as the host can be reached. @throws {TypeError} There is no such host.
   */
  markBroken(host: string, reason?: string): void;
  /** It gets containers again. @throws {TypeError} There is no such host. */
  restore(host: string): void;
}

/** Which host gets a container, and which may have one. */
export class Inventory implements DockerHosts {
  readonly #provider: string;
  readonly #hosts: readonly Host[];
  /** Where containers are, or may be, by key. What is not here may be anywhere. */
  readonly #placed = new Map<string, Set<Host>>();
  /** Until when a host is avoided, by `performance.now()`. */
  readonly #avoidedUntilMs = new Map<Host, number>();

  constructor(provider: string, hosts: readonly Host[]) {
    this.#provider = provider;
    this.#hosts = hosts;
  }

  get all(): readonly Host[] {
    return this.#hosts;
  }

  get(name: string): Host | undefined {
    return this.#hosts.find((host) => host.name === name);
  }

  /** The host that a container is on, by its data. @throws {ProviderError} It is not among the hosts. */
  hostOf(key: string, name: string): Host {
    const host = this.get(name);
    if (host !== undefined) return host;
    throw providerError(
      this.#provider,
      `container ${key} is on host ${name}, which is not among the hosts: add it again, as drained, or forget the resource`,
      { kind: "permanent" },
    );
  }

  /** Where a container of this key may be. */
  hostsOf(key: string): readonly Host[] {
    const placed = this.#placed.get(key);
    return placed === undefined ? this.#hosts : [...placed];
  }

  /** It is on this host, or may be. */
  note(key: string, host: Host): void {
    const placed = this.#placed.get(key);
    if (placed === undefined) this.#placed.set(key, new Set([host]));
    else placed.add(host);
  }

  /** It is nowhere. */
  forget(key: string): void {
    this.#placed.delete(key);
    for (const host of this.#hosts) host.release(key);
  }

  /** The host could not be reached just now. */
  avoid(host: Host): void {
    this.#avoidedUntilMs.set(host, performance.now() + AVOIDED_MS);
  }

  /**
   * The host that a new container goes to, with a place reserved on it: the least loaded one that has the labels.
   *
   * @param tried Hosts that could not be reached for this container.
   * @throws {ProviderError} That there is none, and why. Nothing was made.
   */
  async place(
    key: string,
    labels: Readonly<Record<string, string>>,
    tried: ReadonlyMap<Host, string>,
    signal: AbortSignal,
  ): Promise<Host> {
    const active = this.#activeWith(labels);
    const problems = new Map(tried);
    const left = active.filter((host) => !tried.has(host));
    const nowMs = performance.now();
    const reachable = left.filter((host) => (this.#avoidedUntilMs.get(host) ?? 0) <= nowMs);
    const candidates = reachable.length > 0 ? reachable : left;
    const host = await this.#reserved(key, candidates, problems, signal);
    if (host === undefined) throw this.#noPlace(active, problems);
    this.note(key, host);
    return host;
  }

  #activeWith(labels: Readonly<Record<string, string>>): Host[] {
    const fitting = this.#hosts.filter((host) => host.has(labels));
    if (fitting.length === 0) {
      const wanted = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
      throw this.#error(`no host has the labels ${wanted.join(", ")}`, "permanent");
    }
    const active = fitting.filter(({ state }) => state === "active");
    if (active.length > 0) return active;
    throw this.#error(
      `no host is active: ${fitting.map(({ name, state }) => `${name} is ${state}`).join(", ")}`,
      "capacity",
    );
  }

  /** The least loaded one, with a place reserved. `undefined`: all are full or out of reach. */
  async #reserved(
    key: string,
    candidates: readonly Host[],
    problems: Map<Host, string>,
    signal: AbortSignal,
  ): Promise<Host | undefined> {
    const [only, another] = candidates;
    // There is nothing to compare.
    if (another === undefined && only?.capacity === Number.POSITIVE_INFINITY) return only;
    const surveys = await Promise.all(
      candidates.map(async (host) => {
        try {
          return [{ host, seen: await host.survey.fresh(signal) }];
        } catch (error) {
          signal.throwIfAborted();
          problems.set(host, (error as EngineFailure).message);
          this.avoid(host);
          return [];
        }
      }),
    );
    // From here to the reservation nothing may wait: two that look at the same moment must not get the same place.
    const free = surveys
      .flat()
      .map(({ host, seen }) => ({ host, load: host.load(seen) }))
      .filter(({ host, load }) => load < host.capacity);
    free.sort((a, b) => a.load / a.host.capacity - b.load / b.host.capacity || a.load - b.load);
    const host = free[0]?.host;
    host?.reserve(key);
    return host;
  }

  #noPlace(active: readonly Host[], problems: ReadonlyMap<Host, string>): ProviderError {
    const words = active.map((host) => {
      const problem = problems.get(host);
      return problem === undefined
        ? `${host.name} is full (${host.capacity})`
        : `${host.name} cannot be reached: ${problem}`;
    });
    const full = problems.size < active.length;
    return this.#error(`there is no place for a container: ${words.join("; ")}`, full ? "capacity" : "transient");
  }

  #error(message: string, kind: "capacity" | "permanent" | "transient"): ProviderError {
    return providerError(this.#provider, message, { kind, madeNothing: true });
  }

  async status({
    signal = new AbortController().signal,
  }: {
    readonly signal?: AbortSignal;
  } = {}): Promise<HostStatus[]> {
    return await Promise.all(
      this.#hosts.map(async (host) => {
        const { name, state, reason, labels } = host;
        const capacity = Number.isFinite(host.capacity) ? host.capacity : null;
        const known = { name, state, reason, labels, capacity };
        try {
          return { ...known, containers: host.load(await host.survey.fresh(signal)), problem: undefined };
        } catch (error) {
          signal.throwIfAborted();
          return { ...known, containers: undefined, problem: (error as Error).message };
        }
      }),
    );
  }

  drain(host: string, reason?: string): void {
    this.#set(host, "drained", reason);
  }

  markBroken(host: string, reason?: string): void {
    this.#set(host, "broken", reason);
  }

  restore(host: string): void {
    this.#set(host, "active", undefined);
  }

  #set(name: string, state: HostState, reason: string | undefined): void {
    const host = this.get(name);
    if (host === undefined) {
      const names = this.#hosts.map(({ name }) => name).join(", ");
      throw new TypeError(`There is no host "${name}". There are ${names}.`);
    }
    host.state = state;
    host.reason = reason;
  }
}
