import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { isWarmpoolError } from "@warmpool/core";
import { describe, expect, onTestFinished, test } from "vitest";
import { workshop } from "../test/workshop.js";
import { parseOptions } from "./parse-options.js";
import { shellProvider } from "./provider.js";

/** What is wrong with options, by path. */
function problems(options: object): Record<string, string> {
  try {
    shellProvider(options as never);
  } catch (error) {
    if (!isWarmpoolError(error, "INVALID_OPTIONS")) throw error;
    for (const { path, problem } of error.details.problems) expect(error.message).toContain(`${path}: ${problem}.`);
    return Object.fromEntries(error.details.problems.map(({ path, problem }) => [path, problem]));
  }
  return {};
}

const least = { allocate: ["true"], delete: ["true"] };

test("defaults", () => {
  const settings = parseOptions({ allocate: ["true"], delete: ["true"] });
  const state = `${tmpdir()}/warmpool-shell-${process.getuid?.()}`;
  expect(settings).toMatchObject({
    name: "shell",
    output: "text",
    env: {},
    cwd: process.cwd(),
    stateDirectory: state,
    runningDirectory: `${state}/running`,
    logDirectory: `${state}/logs`,
    keepLogsMs: 7 * 86_400_000,
    outputLimit: 65_536,
    timeoutsMs: {},
    killAfterMs: 5_000,
    settlesWithinMs: 0,
    spec: undefined,
  });
});

test("every problem is told at once", () => {
  expect(problems({ allocte: "./x", timeout: 3 })).toEqual({
    allocte: "there is no such option. Did you mean allocate?",
    timeout: "there is no such option. Did you mean timeouts?",
    allocate: "is required",
    delete: "is required",
  });
});

test.each([
  ["zzzzzzzz", { ...least, zzzzzzzz: 1 }, "there is no such option"],
  ["logDir", { ...least, logDir: "x" }, "there is no such option"],
  ["timeouts.alocate", { ...least, timeouts: { alocate: 1 } }, "there is no such option. Did you mean allocate?"],
  ["timeouts", { ...least, timeouts: "5s" }, "must be an object of durations by command"],
  ["timeouts.check", { ...least, timeouts: { check: "5 s" } }, /^must be milliseconds as a number, or .* "30s"$/],
  ["timeouts.check", { ...least, timeouts: { check: "30d" } }, "must be at most 24 days"],
  ["killAfter", { ...least, killAfter: -1 }, /^must be milliseconds/],
  ["settlesWithin", { ...least, settlesWithin: Number.NaN }, /^must be milliseconds/],
  ["outputLimit", { ...least, outputLimit: 0 }, /from 1 to 92160/],
  ["outputLimit", { ...least, outputLimit: 100_000 }, /from 1 to 92160/],
  ["output", { ...least, output: "yaml" }, 'must be "text", "json" or a Standard Schema'],
  ["env", { ...least, env: "A=1" }, "must be an object of strings"],
  ["env.A", { ...least, env: { A: 1 } }, "must be a string, not number"],
  ["env.A-B", { ...least, env: { "A-B": "1" } }, "a name is letters, digits and _"],
  ["env.A", { ...least, env: { A: "secret\0" } }, "must not contain a NUL character"],
  ["env.WARMPOOL_X", { ...least, env: { WARMPOOL_X: "1" } }, "names that begin with WARMPOOL_ are reserved"],
  ["cwd", { ...least, cwd: "/no/such" }, "there is no folder /no/such"],
  ["name", { ...least, name: "" }, "must be a text that is not empty"],
  ["shell", { ...least, shell: "/bin/bash" }, "must be true or false"],
  ["allocate", { ...least, allocate: [] }, /must be the path of a file, or an array/],
  ["allocate", { ...least, allocate: ["a", 1] }, /must be the path of a file, or an array/],
  ["allocate", { ...least, allocate: "" }, "is empty"],
  ["allocate", { ...least, allocate: " ", shell: true }, "is empty"],
  ["check", { ...least, check: null }, /must be the path of a file, or an array/],
])("%s of %j", (path, options, problem) => {
  const found = problems(options);
  expect(Object.keys(found)).toEqual([path]);
  expect(found[path]).toMatch(problem);
});

describe("a command must be there and executable", () => {
  test.each([
    ["nothing there", "./none.sh", (cwd: string) => `there is no file ${cwd}/none.sh ("./none.sh", seen from ${cwd})`],
    ["a folder", "./folder", (cwd: string) => `${cwd}/folder is not a file ("./folder", seen from ${cwd})`],
    [
      "not executable",
      "./plain.sh",
      (cwd: string) =>
        `${cwd}/plain.sh is not executable. Run: chmod +x ${cwd}/plain.sh ("./plain.sh", seen from ${cwd})`,
    ],
    [
      "a name without a slash",
      "make-one",
      () => '"make-one" is in no folder of PATH. A file of your own needs a slash: "./make-one"',
    ],
    [
      "a line instead of a path",
      "./ready.sh --small",
      (cwd: string) =>
        `there is no file ${cwd}/ready.sh --small ("./ready.sh --small", seen from ${cwd}). A string is one path and is never split: give arguments as an array, or set shell: true`,
    ],
  ])("%s", (_, command, problem) => {
    const shop = workshop();
    shop.script("ready.sh");
    mkdirSync(shop.path("folder"));
    writeFileSync(shop.path("plain.sh"), "#!/bin/sh\n");
    chmodSync(shop.path("plain.sh"), 0o644);
    expect(problems({ ...shop.options, allocate: command, delete: "./ready.sh" })).toEqual({
      allocate: problem(shop.directory),
    });
  });

  test("a path with a space is quoted in what to do", () => {
    const shop = workshop();
    writeFileSync(shop.path("it's new.sh"), "");
    expect(problems({ ...shop.options, ...least, check: "./it's new.sh" })["check"]).toContain(
      `Run: chmod +x '${shop.directory}/it'\\''s new.sh'`,
    );
  });

  test("PATH of env counts", () => {
    const shop = workshop();
    shop.script("make-one");
    expect(problems({ ...least, allocate: "make-one", env: { PATH: shop.directory } })).toHaveProperty("delete");
    expect(problems({ allocate: "make-one", delete: "make-one", env: { PATH: shop.directory } })).toEqual({});
  });
});

test("Windows has no process groups", () => {
  const { platform } = process;
  Object.defineProperty(process, "platform", { value: "win32" });
  onTestFinished(() => void Object.defineProperty(process, "platform", { value: platform }));
  expect(problems(least)).toMatchObject({ platform: expect.stringContaining("Windows") });
});

test("messages tell no value of env", () => {
  try {
    shellProvider({ allocate: ["true"], delete: ["true"], env: { "TO KEN": "hunter22", T: "hunter22\0" } });
    expect.unreachable();
  } catch (error) {
    expect(String(error)).not.toContain("hunter22");
  }
});
