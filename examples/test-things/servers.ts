import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { factoryProvider, type Provider } from "@warmpool/core";

export interface Server {
  readonly url: string;
  readonly pid: number;
}

/** Web servers, each a process. One is used by many tests, one after the other. */
export function serverProvider(): Provider<Server> {
  const running = new Map<number, ChildProcess>();
  return factoryProvider({
    name: "servers",
    async create(signal) {
      const file = join(import.meta.dirname, "server.ts");
      const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
      try {
        const [line] = (await once(child.stdout, "data", { signal })) as [Buffer];
        running.set(child.pid as number, child);
        return { url: String(line).trim(), pid: child.pid as number };
      } catch (error) {
        child.kill("SIGKILL");
        throw error;
      }
    },
    validate: async ({ url }) => (await fetch(url)).ok,
    async destroy({ pid }) {
      const child = running.get(pid);
      running.delete(pid);
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "close");
      child.kill("SIGKILL");
      await ended;
    },
  });
}
