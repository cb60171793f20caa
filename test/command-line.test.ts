import { execFile } from "node:child_process";
import { expect, test } from "vitest";

const program = `
  import { parseCommandLine, wholeNumber } from ${JSON.stringify(new URL("command-line.ts", import.meta.url).href)};
  const values = parseCommandLine("usage", { kills: { type: "string", default: "200" } });
  console.log(wholeNumber("kills", values.kills, "usage"));
`;

function run(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    // What follows `--` begins with what would be the name of a file.
    const flags = ["--input-type=module-typescript", "-e", program, "--", "program", ...args];
    execFile(process.execPath, flags, (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }));
  });
}

test("a command takes what it knows", async () => {
  expect(await run("--kills", "3")).toMatchObject({ code: 0, stdout: "3\n" });
  expect(await run()).toMatchObject({ code: 0, stdout: "200\n" });
});

test.each([
  ["an option that it does not know", ["--kils", "3"], "Unknown option '--kils'"],
  ["words without an option", ["3"], "Unexpected argument '3'"],
  ["a number that is none", ["--kills", "many"], "--kills must be a whole number"],
  ["a number that is missing", ["--kills="], "--kills must be a whole number"],
])("%s is refused with what the command can be told", async (_, args, problem) => {
  const { code, stderr } = await run(...args);
  expect(code).toBe(2);
  expect(stderr).toContain(problem);
  expect(stderr).toContain("usage");
});
