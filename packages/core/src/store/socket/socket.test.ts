import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Letter } from "../post.js";
import { addressOf } from "./address.js";
import { PROTOCOL } from "./hello.js";
import { SocketListener } from "./listener.js";
import { SocketPost } from "./socket-post.js";
import { readToken } from "./token.js";

let folder: string;
const closes: (() => Promise<void>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "warmpool-socket-"));
});

afterEach(async () => {
  for (const close of closes.splice(0).reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

const address = () => addressOf(join(folder, "pool.sock"));
const ID = "aaaabbbbccccdddd";

async function listening() {
  const listener = await SocketListener.open(address());
  closes.push(() => listener.close());
  const letters: Letter[] = [];
  const ended = vi.fn();
  listener.listen({ received: (more) => letters.push(...more), ended });
  return { listener, letters, ended };
}

async function connected(session = ID) {
  const texts: string[] = [];
  const renewed = vi.fn();
  const post = await SocketPost.open(address(), { session, receive: (more) => texts.push(...more), renewed });
  closes.push(() => post.close());
  return { post, texts, renewed };
}

describe("letters", () => {
  test("go to the listener, and back to the session they are for", async () => {
    const { listener, letters } = await listening();
    const one = await connected();
    const other = await connected("eeeeffffgggghhhh");
    await one.post.send(`"é 😀"`);
    await expect.poll(() => letters).toEqual([{ session: ID, text: `"é 😀"` }]);
    await listener.send([
      { session: ID, text: "1" },
      { session: "eeeeffffgggghhhh", text: "2" },
      { session: "nobodynobodynobo", text: "3" },
    ]);
    await expect.poll(() => [one.texts, other.texts]).toEqual([["1"], ["2"]]);
  });

  test("of a megabyte each arrive whole, however slowly they are read", async () => {
    const { letters } = await listening();
    const { post } = await connected();
    const long = "x".repeat(2 ** 20);
    for (let n = 0; n < 20; n++) await post.send(`${n}${long}`);
    await expect.poll(() => letters).toHaveLength(20);
    expect(letters.every(({ text }, n) => text === `${n}${long}`)).toBe(true);
  });

  test("that came before anybody listened are there", async () => {
    const listener = await SocketListener.open(address());
    closes.push(() => listener.close());
    const { post } = await connected();
    await post.send("early");
    // It has been read when the answer to a later connection is there.
    await connected("eeeeffffgggghhhh");
    const letters: Letter[] = [];
    listener.listen({ received: (more) => letters.push(...more), ended: () => {} });
    await expect.poll(() => letters).toEqual([{ session: ID, text: "early" }]);
  });
});

describe("who may connect", () => {
  test("is who can read the token, and nobody else can", async () => {
    await listening();
    const { socket, tokenFile } = address();
    expect(statSync(tokenFile).mode & 0o777).toBe(0o600);
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    writeFileSync(tokenFile, "0".repeat(48));
    await expect(connected()).rejects.toMatchObject({
      code: "CONNECT_FAILED",
      message: expect.stringContaining("does not accept the token"),
    });
  });

  test("is told when the listener is of another release", async () => {
    await listening();
    const { socket: path, tokenFile } = address();
    const socket = connect(path);
    socket.write(
      `${JSON.stringify({ warmpool: PROTOCOL + 1, token: await readToken(tokenFile), session: ID, pid: process.pid })}\n`,
    );
    const [answer] = await once(socket, "data");
    expect(JSON.parse(String(answer))).toEqual({ warmpool: PROTOCOL, refused: "protocol" });
    await once(socket, "close");
  });

  test.each(["GET / HTTP/1.1\r\n", "{}\n", `${"x".repeat(5_000)}`])("is not who says %.20s", async (words) => {
    const { letters } = await listening();
    const socket = connect(address().socket);
    socket.write(words);
    await once(socket, "close");
    expect(letters).toEqual([]);
  });

  test("is told that nobody listens", async () => {
    await expect(connected()).rejects.toMatchObject({
      code: "CONNECT_FAILED",
      message: expect.stringContaining("nobody"),
    });
    const { listener } = await listening();
    await listener.close();
    await expect(connected()).rejects.toMatchObject({ code: "CONNECT_FAILED" });
  });
});

describe("listening", () => {
  test("where another listens is refused, and leaves that one alone", async () => {
    const { letters } = await listening();
    await expect(SocketListener.open(address())).rejects.toMatchObject({
      code: "LISTEN_FAILED",
      message: expect.stringContaining("another process listens there"),
    });
    const { post } = await connected();
    await post.send("1");
    await expect.poll(() => letters).toHaveLength(1);
  });

  test("where a killed process listened is no problem", async () => {
    const killed = spawn(process.execPath, ["-e", listenerAt(address().socket)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(killed.stdout, "data");
    killed.kill("SIGKILL");
    await once(killed, "close");
    expect(statSync(address().socket).isSocket()).toBe(true);
    await listening();
    await connected();
  });

  test("where a file lies is refused, and the file kept", async () => {
    writeFileSync(address().socket, "mine");
    await expect(SocketListener.open(address())).rejects.toMatchObject({ code: "LISTEN_FAILED" });
    expect(statSync(address().socket).isFile()).toBe(true);
  });
});

describe("a session", () => {
  test("goes on with the next listener, and is told so", async () => {
    const first = await listening();
    const { post, texts, renewed } = await connected();
    await first.listener.close();
    await expect
      .poll(() => post.send("lost").catch((error: unknown) => error))
      .toMatchObject({ code: "CONNECT_FAILED" });
    const second = await listening();
    await expect.poll(() => renewed).toHaveBeenCalledTimes(1);
    await post.send("again");
    await expect.poll(() => second.letters).toEqual([{ session: ID, text: "again" }]);
    await second.listener.send([{ session: ID, text: "answer" }]);
    await expect.poll(() => texts).toEqual(["answer"]);
  });

  test("is over at once when its process is dead, and not before", async () => {
    const { ended } = await listening();
    const { socket, tokenFile } = address();
    const script = clientAt(socket, await readToken(tokenFile));
    const client = spawn(process.execPath, ["-e", script], { stdio: ["pipe", "pipe", "inherit"] });
    await once(client.stdout, "data");
    client.stdin.write("hang up\n");
    await once(client.stdout, "data");
    // It has hung up, and lives: somebody else is welcomed meanwhile, as a sign that the listener knows.
    await connected("eeeeffffgggghhhh");
    expect(ended).not.toHaveBeenCalled();
    client.kill("SIGKILL");
    await expect.poll(() => ended).toHaveBeenCalledWith(ID);
  });
});

const listenerAt = (path: string) => `
  require("node:net").createServer().listen(${JSON.stringify(path)}, () => console.log("listening"));`;

/** Says hello, and hangs up when it is told to. */
const clientAt = (path: string, token: string) => `
  const socket = require("node:net").connect(${JSON.stringify(path)});
  socket.write(JSON.stringify({ warmpool: ${PROTOCOL}, token: "${token}", session: "${ID}", pid: process.pid }) + "\\n");
  socket.once("data", () => console.log("welcome"));
  process.stdin.once("data", () => socket.end(() => console.log("gone")));
  setInterval(() => {}, 1000);`;
