import { spawn } from "node:child_process";
import { ProviderError } from "@warmpool/core";

/** What git printed. Rejects when it fails; when the signal aborts, after git has really ended. */
export async function git(repository: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const child = spawn("git", ["-C", repository, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const stop = () => child.kill();
  signal.addEventListener("abort", stop);
  let printed = "";
  let complaint = "";
  child.stdout.on("data", (chunk) => (printed += chunk));
  child.stderr.on("data", (chunk) => (complaint += chunk));
  try {
    const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
    if (code === 0) return printed;
    signal.throwIfAborted();
    throw new ProviderError(`git ${args[0]} ${args[1]} failed: ${complaint.trim()}`, { kind: "transient" });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
