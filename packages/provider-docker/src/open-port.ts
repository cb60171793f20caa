import { connect } from "node:net";

/** How long a connection must stay open to count, in milliseconds. */
const STAYS_OPEN_MS = 150;

/** Longest wait for a connection, in milliseconds. */
const CONNECT_MS = 2_000;

/**
 * Whether somebody listens at a published port. That a connection is taken is not enough: Docker's proxy takes all, and
 * closes them at once if nobody listens in the container. It must stay open, or bring data.
 */
export function takesConnections(address: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    let timer = setTimeout(() => end(false), CONNECT_MS);
    const end = (open: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
      socket.destroy();
      resolve(open);
    };
    const giveUp = () => end(false);
    signal.addEventListener("abort", giveUp, { once: true });
    socket.once("connect", () => {
      clearTimeout(timer);
      timer = setTimeout(() => end(true), STAYS_OPEN_MS);
    });
    socket.once("data", () => end(true));
    socket.once("end", () => end(false));
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
  });
}
