// What happens in the runners' tests, for whoever looks at it from outside: a line each in $THINGS/log.
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

export function say(line: string): void {
  appendFileSync(join(process.env["THINGS"] as string, "log"), `${line}\n`);
}

/** Keeps the process alive meanwhile. */
export function never(): Promise<never> {
  return new Promise(() => void setInterval(() => {}, 1_000));
}
