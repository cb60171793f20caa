import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { factoryProvider, type Provider } from "@warmpool/core";

export interface Browser {
  /** Where it speaks the DevTools protocol: `chromium.connectOverCDP(url)`. */
  readonly url: string;
  readonly pid: number;
}

/**
 * Headless browsers, each with a profile of its own.
 *
 * @param path Of Chromium or Chrome.
 */
export function browserProvider(path: string): Provider<Browser> {
  const running = new Map<number, { readonly child: ChildProcess; readonly profile: string }>();
  return factoryProvider({
    name: "browsers",
    async create(signal) {
      const profile = await mkdtemp(join(tmpdir(), "browser-"));
      const args = ["--headless=new", "--no-sandbox", "--remote-debugging-port=0", `--user-data-dir=${profile}`];
      const child = spawn(path, args, { stdio: ["ignore", "ignore", "pipe"] });
      signal.addEventListener("abort", () => child.kill("SIGKILL"), { once: true });
      for await (const line of createInterface({ input: child.stderr })) {
        const url = /^DevTools listening on (ws:\S+)/.exec(line)?.[1];
        if (url === undefined || signal.aborted) continue;
        // What it goes on to say is nobody's concern.
        child.stderr.resume();
        running.set(child.pid as number, { child, profile });
        return { url, pid: child.pid as number };
      }
      await rm(profile, { recursive: true, force: true });
      throw new Error(`${path} ended before it listened`);
    },
    async destroy({ pid }) {
      const browser = running.get(pid);
      if (browser === undefined) return;
      running.delete(pid);
      const { child, profile } = browser;
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, "close");
        child.kill("SIGKILL");
        await ended;
      }
      await rm(profile, { recursive: true, force: true });
    },
  });
}
