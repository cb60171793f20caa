import { connect } from "node:net";
import { unlessAborted } from "./abort.js";
import type { Ec2Instance } from "./instance.js";

/** A port that must accept TCP connections. */
export interface ReadyPort {
  /** From 1 to 65535. */
  readonly port: number;
  /** On which of the instance's addresses. Default: the public one if it has one, else the private one. */
  readonly address?: "public" | "private";
}

/**
 * Whether an instance is ready: resolves with anything but `false`. A rejection is a no too, and says why. It is asked
 * again and again. It may take as long as the call that needs it, a few seconds for a check: then its signal aborts.
 */
export type ReadyFunction = (instance: Ec2Instance, context: { readonly signal: AbortSignal }) => unknown;

export type ReadyWhen = ReadyPort | ReadyFunction;

/** Longest that a port may take to accept. */
const ACCEPTED_WITHIN_MS = 5_000;

/** Why an instance is not ready; `undefined`: it is. */
export async function whyNotReady(
  instance: Ec2Instance,
  readyWhen: ReadyWhen | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (readyWhen === undefined) return undefined;
  try {
    if (typeof readyWhen !== "function") return await whyNotOpen(instance, readyWhen, signal);
    const asked = (async () => await readyWhen(instance, { signal }))();
    return (await unlessAborted(signal, asked)) === false ? "readyWhen says that it is not ready" : undefined;
  } catch (error) {
    return `readyWhen says: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function whyNotOpen(
  { publicIp, privateIp, ipv6 }: Ec2Instance,
  { port, address }: ReadyPort,
  signal: AbortSignal,
): Promise<string | undefined> {
  const host = address === "public" ? publicIp : address === "private" ? privateIp : (publicIp ?? privateIp ?? ipv6);
  if (host === null) return Promise.resolve(`it has no ${address ?? ""} address`.replace("  ", " "));
  return new Promise((resolve) => {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(ACCEPTED_WITHIN_MS)]);
    const socket = connect({ host, port, signal: limited });
    const end = (problem: string | undefined) => {
      socket.destroy();
      resolve(problem);
    };
    socket.once("connect", () => end(undefined));
    socket.once("error", (error) => end(`port ${port} of ${host} does not answer: ${error.message || error.name}`));
  });
}
