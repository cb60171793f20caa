import { setTimeout as sleep } from "node:timers/promises";
import { unlessAborted } from "./abort.js";
import { containerOf, type DockerContainer } from "./container.js";
import { runExec } from "./exec.js";
import type { Host } from "./host.js";
import { takesConnections } from "./open-port.js";
import type { DockerOptions, RunInContainer } from "./options.js";
import type { Sighting } from "./sighting.js";

/** Milliseconds between two looks: short at first, longer for what is slow. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

type ReadyWhen = DockerOptions["readyWhen"];

/** It will not get ready any more. */
export class NeverReady extends Error {}

/** What a container's state says about its being ready. */
export type Verdict =
  | { readonly is: "ready" }
  | { readonly is: "not yet"; readonly why: string }
  | { readonly is: "never"; readonly why: string };

/** By the engine alone: whether it runs, and what its health check says. */
export function verdictOf({ state, status, health }: Sighting): Verdict {
  switch (state) {
    case "created":
      return { is: "not yet", why: "it was not started yet" };
    case "exited":
      return { is: "never", why: `its program ended: ${status}` };
    case "paused":
      return { is: "never", why: "it is paused" };
    case "removing":
      return { is: "never", why: "it is being removed" };
    case "other":
      return { is: "not yet", why: `it is in a state of its own: ${status}` };
    case "running":
      if (health === "starting") return { is: "not yet", why: "its health check has not succeeded yet" };
      if (health === "unhealthy") return { is: "never", why: "its health check fails" };
      return { is: "ready" };
  }
}

/**
 * Waits until a container is ready. All who wait on a host share its listings.
 *
 * @param wasPaused Whether it was paused until just now: then Docker calls it unhealthy, until its health check has
 *   succeeded again. Default: `false`.
 * @throws {NeverReady}
 */
export async function untilReady(
  host: Host,
  key: string,
  readyWhen: ReadyWhen,
  signal: AbortSignal,
  wasPaused = false,
): Promise<DockerContainer> {
  let seen = await host.survey.fresh(signal);
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const sighting = seen.containers.get(key);
    if (sighting === undefined) throw new NeverReady("it is gone");
    const verdict = verdictOf(sighting);
    const mayRecover = wasPaused && sighting.state === "running";
    if (verdict.is === "never" && !mayRecover) throw new NeverReady(verdict.why);
    const container = containerOf(host, sighting);
    if (verdict.is === "ready" && (await isReady(container, readyWhen, runIn(host, container, signal), signal)))
      return container;
    await sleep(pauseMs, undefined, { signal });
    seen = await host.survey.recent(pauseMs / 2, signal);
  }
}

/** For `readyWhen`. */
export function runIn(host: Host, { id }: DockerContainer, signal: AbortSignal): RunInContainer {
  return (command) => runExec(host.engine, id, command, {}, signal);
}

/** What `readyWhen` says of a container that the engine calls well. */
export async function isReady(
  container: DockerContainer,
  readyWhen: ReadyWhen,
  exec: RunInContainer,
  signal: AbortSignal,
): Promise<boolean> {
  if (readyWhen === undefined) return true;
  if (typeof readyWhen === "object") {
    const port = container.ports[`${readyWhen.port}/tcp`] ?? readyWhen.port;
    const open = await takesConnections(container.address, port, signal);
    signal.throwIfAborted();
    return open;
  }
  try {
    return await unlessAborted(Promise.resolve(readyWhen(container, { signal, exec })), signal);
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
