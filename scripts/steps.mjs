import { spawn } from "node:child_process";

/**
 * Runs commands, at most `parallel` at once; prints a line for each that worked and everything of those that failed.
 * Exits with 1 after the first stage in which something failed.
 *
 * @param {[name: string, ...command: string[]][]} steps
 * @param {{ parallel?: number }} options
 */
export async function runSteps(steps, { parallel = 2 } = {}) {
  const waiting = [...steps];
  const failed = [];
  const worker = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      const [name, ...command] = step;
      const startedAt = performance.now();
      const { code, output } = await run(command);
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      console.log(`${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
      if (code !== 0) {
        failed.push(name);
        console.log(`${output.trimEnd()}\n-- end of ${name} --`);
      }
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  if (failed.length > 0) {
    console.error(`\nFailed: ${failed.join(", ")}`);
    process.exit(1);
  }
}

/** Runs one command with its output shown as it comes; exits when it fails. */
export async function runShown(name, ...command) {
  console.log(`\n> ${name}`);
  const { code } = await run(command, "inherit");
  if (code !== 0) {
    console.error(`\nFailed: ${name}`);
    process.exit(1);
  }
}

export function run([file, ...args], output = "pipe") {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ["ignore", output, output] });
    const chunks = [];
    child.stdout?.on("data", (chunk) => chunks.push(chunk));
    child.stderr?.on("data", (chunk) => chunks.push(chunk));
    child.on("error", (error) => resolve({ code: 1, output: String(error) }));
    child.on("close", (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() }));
  });
}
