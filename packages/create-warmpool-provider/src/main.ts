#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";
import { parseCommandLine, USAGE } from "./command-line.js";
import { Failure } from "./failure.js";
import { namesOf } from "./names.js";
import { scaffold } from "./scaffold.js";

interface Manifest {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest: Manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

async function main(args: readonly string[]): Promise<void> {
  const order = parseCommandLine(args);
  switch (order.do) {
    case "help":
      return void process.stdout.write(USAGE);
    case "version":
      return void process.stdout.write(`${manifest.version}\n`);
    case "create": {
      const names = namesOf(order.name ?? (await ask()));
      const folder = order.folder ?? names.folder;
      const files = scaffold(fileURLToPath(new URL("../template", import.meta.url)), resolve(folder), names, {
        core: manifest.devDependencies["@warmpool/core"] ?? "latest",
        testing: manifest.devDependencies["@warmpool/testing"] ?? "latest",
      });
      process.stdout.write(`${names.package} is in ${folder}: ${files.join(", ")}.\n\n`);
      process.stdout.write(`  cd ${folder}\n  npm install\n  npm test\n\nThen begin with src/api.ts.\n`);
    }
  }
}

/** @throws {Failure} `NAME_MISSING`: there is nobody to ask. */
async function ask(): Promise<string> {
  if (!process.stdin.isTTY) throw new Failure("NAME_MISSING", `There is no name.\n\n${USAGE}`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await terminal.question("Name of the package, such as my-rack: ")).trim();
  } finally {
    terminal.close();
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exitCode = error.code === "USAGE" || error.code === "NAME_MISSING" ? 2 : 1;
}
