import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { SABOTAGES } from "./saboteur.ts";

/** A run that breaks a rule on purpose has to say so, as the command does: exit code 1, and which rule. */
describe.concurrent("sabotage is found out", () => {
  test.each(Object.entries(SABOTAGES))("%s breaks %s", async (sabotage, rule) => {
    const main = join(import.meta.dirname, "main.ts");
    const child = spawn(process.execPath, [main, "--kills", "9", "--seed", "1", "--sabotage", sabotage], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [output, [exitCode]] = await Promise.all([text(child.stdout), once(child, "exit")]);
    const figures = JSON.parse(output.trimEnd().split("\n").at(-1) ?? "");
    expect(figures.rules).toContain(rule);
    expect(figures.violations).toBeGreaterThan(0);
    expect(exitCode).toBe(1);
  });
});
