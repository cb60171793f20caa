import { chmod, mkdir, rm, stat } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import process from "node:process";
import { isWarmpoolError } from "../../model/error.js";
import type { LeaderMail, LeaderPost, Letter } from "../post.js";
import type { Address } from "./address.js";
import { isAlive } from "./alive.js";
import { probe } from "./conversation.js";
import { listenFailed } from "./failure.js";
import { type Hello, LONGEST_HELLO, PROTOCOL, parseHello, type Welcome } from "./hello.js";
import { Lines } from "./lines.js";
import { drawToken, isToken, writeToken } from "./token.js";

/** Longest letter, in characters. */
const LONGEST_LETTER = 2 ** 28;
/** Whoever has not said hello by then is hung up on. Milliseconds. */
const HELLO_MS = 10_000;
/** How often to look whether a process lives whose connection is gone. Milliseconds. */
const LOOK_MS = 100;

/** A session's process, and its connection if it has one. */
interface Guest {
  readonly pid: number;
  socket: Socket | undefined;
}

/** Carries letters over a socket of this machine. The operating system says who is dead. */
export class SocketListener implements LeaderPost {
  readonly #address: Address;
  readonly #server: Server;
  readonly #token = drawToken();
  readonly #guests = new Map<string, Guest>();
  readonly #sockets = new Set<Socket>();
  /** What came before anybody listened. */
  #early: Letter[] = [];
  #mail: LeaderMail | undefined;
  #closed: Promise<void> | undefined;

  private constructor(address: Address) {
    this.#address = address;
    this.#server = createServer((socket) => this.#receive(socket));
  }

  /**
   * Begins to listen. What a dead process left at the address is removed.
   *
   * @throws {WarmpoolError} `LISTEN_FAILED`.
   */
  static async open(address: Address): Promise<SocketListener> {
    const listener = new SocketListener(address);
    try {
      await listener.#open();
      return listener;
    } catch (error) {
      listener.#server.close();
      throw isWarmpoolError(error) ? error : listenFailed(address, (error as Error).message, error);
    }
  }

  async #open(): Promise<void> {
    const { socket, tokenFile } = this.#address;
    const isFile = process.platform !== "win32";
    if (isFile) await mkdir(dirname(socket), { recursive: true });
    await claim(this.#server, this.#address);
    // Nobody else of this machine: the token is the second lock.
    if (isFile) await chmod(socket, 0o600);
    await writeToken(tokenFile, this.#token);
  }

  listen(mail: LeaderMail): void {
    this.#mail = mail;
    const early = this.#early;
    this.#early = [];
    if (early.length > 0) mail.received(early);
  }

  async send(letters: readonly Letter[]): Promise<void> {
    for (const { session, text } of letters) this.#guests.get(session)?.socket?.write(`${text}\n`);
  }

  /** Hangs up on everybody, and lets nobody in any more. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#mail = undefined;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    await rm(this.#address.tokenFile, { force: true });
  }

  #receive(socket: Socket): void {
    this.#sockets.add(socket);
    const lines = new Lines(LONGEST_HELLO);
    let session: string | undefined;
    const late = setTimeout(() => socket.destroy(), HELLO_MS);
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(late);
      this.#sockets.delete(socket);
      if (session !== undefined) this.#lost(session, socket);
    });
    socket.on("data", (chunk) => {
      try {
        const said = lines.read(chunk);
        if (session === undefined && said.length > 0) {
          clearTimeout(late);
          session = this.#greet(socket, said.shift() as string);
          if (session === undefined) return;
          lines.longest = LONGEST_LETTER;
        }
        if (session !== undefined && said.length > 0) this.#hear(session, said);
      } catch {
        socket.destroy();
      }
    });
  }

  /** Returns whose connection it is, unless it is refused. */
  #greet(socket: Socket, line: string): string | undefined {
    const hello = parseHello(line);
    const answer = (welcome: Welcome) => `${JSON.stringify(welcome)}\n`;
    if (hello === undefined) {
      socket.destroy();
      return undefined;
    }
    const refused = hello.warmpool !== PROTOCOL ? "protocol" : isToken(hello.token, this.#token) ? undefined : "token";
    if (refused !== undefined) {
      socket.end(answer({ warmpool: PROTOCOL, refused }));
      return undefined;
    }
    this.#admit(socket, hello);
    socket.write(answer({ warmpool: PROTOCOL, welcome: true }));
    return hello.session;
  }

  #admit(socket: Socket, { session, pid }: Hello): void {
    // It comes back before the end of its last connection was noticed.
    this.#guests.get(session)?.socket?.destroy();
    this.#guests.set(session, { pid, socket });
  }

  #hear(session: string, texts: readonly string[]): void {
    const letters = texts.map((text) => ({ session, text }));
    if (this.#mail === undefined) this.#early.push(...letters);
    else this.#mail.received(letters);
  }

  #lost(session: string, socket: Socket): void {
    const guest = this.#guests.get(session);
    if (guest?.socket !== socket) return;
    guest.socket = undefined;
    void this.#watch(session, guest);
  }

  /** Until it comes back, or is dead. */
  async #watch(session: string, guest: Guest): Promise<void> {
    const isGone = () =>
      guest.socket === undefined && this.#guests.get(session) === guest && this.#closed === undefined;
    while (isGone()) {
      if (!(await isAlive(guest.pid))) {
        if (!isGone()) return;
        this.#guests.delete(session);
        this.#mail?.ended(session);
        return;
      }
      await new Promise((resolve) => {
        setTimeout(resolve, LOOK_MS).unref();
      });
    }
  }
}

/** Binds the address, unless somebody alive has it. */
async function claim(server: Server, address: Address): Promise<void> {
  try {
    await bind(server, address);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    if (await probe(address)) {
      throw listenFailed(address, "another process listens there; close it, or take another path", error);
    }
    const left = await stat(address.socket);
    if (!left.isSocket()) throw listenFailed(address, "there is a file of that name, and it is no socket", error);
    // A socket's file stays when its process is killed.
    await rm(address.socket, { force: true });
    await bind(server, address);
  }
}

function bind(server: Server, { socket }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path: socket }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
