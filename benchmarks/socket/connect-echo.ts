import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";

/** Asks an echo instead of a pool: as many lines there and back, about as long, and nothing else. */
export async function connectEcho(path: string) {
  const socket = connect(path);
  await once(socket, "connect");
  const waiting = new Map<number, () => void>();
  createInterface(socket).on("line", (line) => {
    const { call } = JSON.parse(line);
    waiting.get(call)?.();
    waiting.delete(call);
  });
  let calls = 0;
  const ask = (what: object): Promise<void> => {
    const call = ++calls;
    socket.write(`${JSON.stringify({ call, ...what })}\n`);
    return new Promise((resolve) => waiting.set(call, resolve));
  };
  return {
    async acquire() {
      await ask({ type: "acquire", order: { owner: "bench", item: { tags: [], count: 1 }, priority: 0 } });
      return { release: () => ask({ type: "release", lease: [1, 1], verdict: "ok" }) };
    },
    async close() {
      socket.destroy();
    },
  };
}
