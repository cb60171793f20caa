import { connect } from "node:net";
import type { OpenStackServer } from "./data.js";
import { type Polling, poll } from "./poll.js";

/** When a server that runs is ready. */
export type ReadyWhen =
  | {
      /** A TCP port, from 1 to 65535, of the server's `address`. */
      readonly port: number;
    }
  | ((server: OpenStackServer, context: { readonly signal: AbortSignal }) => Promise<boolean> | boolean);

/** Longest wait for a TCP connection, in milliseconds: what is not up yet often swallows packets. */
const CONNECT_MS = 3_000;

/** Looks once. What the function throws means no; so does a port that nobody answers. */
export async function looksReady(
  readyWhen: ReadyWhen | undefined,
  server: OpenStackServer,
  signal: AbortSignal,
): Promise<{ readonly ready: true } | { readonly ready: false; readonly why: string }> {
  if (readyWhen === undefined) return { ready: true };
  try {
    if (typeof readyWhen === "function") {
      return (await readyWhen(server, { signal })) ? { ready: true } : { ready: false, why: "readyWhen says no" };
    }
    if (server.address === null) return { ready: false, why: "it has no address" };
    await reach(server.address, readyWhen.port, signal);
    return { ready: true };
  } catch (error) {
    signal.throwIfAborted();
    return { ready: false, why: error instanceof Error ? error.message : String(error) };
  }
}

/** Looks until the server is ready. Given up before, it says why it was not. */
export async function untilReady(
  readyWhen: ReadyWhen | undefined,
  server: OpenStackServer,
  polling: Polling,
): Promise<void> {
  let why = "nobody has looked yet";
  try {
    await poll(async () => {
      const look = await looksReady(readyWhen, server, polling.signal);
      if (look.ready) return true;
      why = look.why;
      return undefined;
    }, polling);
  } catch (cause) {
    throw new Error(`the server ${server.id} runs, but is not ready: ${why}`, { cause });
  }
}

function reach(host: string, port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const end = (then: () => void) => {
      signal.removeEventListener("abort", abort);
      socket.destroy();
      then();
    };
    const abort = () => end(() => reject(signal.reason));
    signal.addEventListener("abort", abort, { once: true });
    socket.once("connect", () => end(resolve));
    socket.once("error", (error) => end(() => reject(error)));
    socket.once("timeout", () =>
      end(() => reject(new Error(`${host}:${port} did not answer within ${CONNECT_MS} ms`))),
    );
  });
}
