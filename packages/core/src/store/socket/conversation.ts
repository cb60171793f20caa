import { connect, type Socket } from "node:net";
import process from "node:process";
import type { Address } from "./address.js";
import { connectFailed, refusal } from "./failure.js";
import { LONGEST_HELLO, PROTOCOL, parseWelcome } from "./hello.js";
import { Lines } from "./lines.js";
import { readToken } from "./token.js";

/** Within this a listener of the same machine has answered. Milliseconds. */
const ANSWER_MS = 10_000;
/** Longest letter, in characters. */
const LONGEST_LETTER = 2 ** 28;

/** A connection that was accepted. */
export interface Conversation {
  readonly socket: Socket;
  readonly lines: Lines;
  /** What came with the welcome. */
  readonly early: readonly string[];
}

/** Whether somebody listens there. */
export async function probe({ socket: path }: Address): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/**
 * Connects, and says who we are.
 *
 * @throws {WarmpoolError} `CONNECT_FAILED`, `PROTOCOL_MISMATCH`.
 */
export async function converse(address: Address, session: string): Promise<Conversation> {
  const token = await readToken(address.tokenFile).catch((error: Error) => {
    const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "nobody listens there" : error.message;
    throw connectFailed(address, why, error);
  });
  const socket = connect(address.socket);
  try {
    return await new Promise<Conversation>((resolve, reject) => {
      const lines = new Lines(LONGEST_HELLO);
      const late = setTimeout(() => reject(connectFailed(address, "the listener does not answer")), ANSWER_MS);
      const done = () => {
        clearTimeout(late);
        socket.removeAllListeners("data");
        socket.removeAllListeners("close");
        socket.removeAllListeners("error");
        socket.on("error", () => {});
      };
      socket.on("error", (error: NodeJS.ErrnoException) => {
        done();
        const gone = error.code === "ECONNREFUSED" || error.code === "ENOENT";
        reject(connectFailed(address, gone ? "nobody listens there" : error.message, error));
      });
      socket.on("close", () => {
        done();
        reject(connectFailed(address, "the listener hung up: it is no listener of a pool, or is closing"));
      });
      socket.on("data", (chunk) => {
        const [first, ...early] = lines.read(chunk);
        if (first === undefined) return;
        done();
        const welcome = parseWelcome(first);
        if (welcome === undefined) reject(connectFailed(address, "what listens there is no pool"));
        else if ("refused" in welcome) reject(refusal(address, welcome));
        else {
          lines.longest = LONGEST_LETTER;
          resolve({ socket, lines, early });
        }
      });
      socket.write(`${JSON.stringify({ warmpool: PROTOCOL, token, session, pid: process.pid })}\n`);
    });
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
