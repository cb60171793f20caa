import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { namesOf } from "./names.js";
import { scaffold } from "./scaffold.js";

const template = fileURLToPath(new URL("../template", import.meta.url));
const versions = { core: "^1.2.3", testing: "^4.5.6" };

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "create-warmpool-provider-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((e) => e.isFile());

test("a package is written under its own names, and nothing tells of the template's", () => {
  const folder = join(emptyFolder(), "new");
  const files = scaffold(template, folder, namesOf("@acme/provider-big-disk"), versions);
  expect(files).toContain(".gitignore");
  expect(filesIn(folder)).toHaveLength(files.length);
  for (const file of files) expect(readFileSync(join(folder, file), "utf8")).not.toMatch(/rack|_VERSION/i);
  expect(readFileSync(join(folder, "src/provider.ts"), "utf8")).toContain("export function bigDiskProvider(");
  expect(JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))).toMatchObject({
    name: "@acme/provider-big-disk",
    peerDependencies: { "@warmpool/core": "^1.2.3" },
    devDependencies: { "@warmpool/core": "^1.2.3", "@warmpool/testing": "^4.5.6" },
  });
});

test("what is in a folder is not touched", () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, "package.json"), "mine");
  expect(() => scaffold(template, folder, namesOf("disk"), versions)).toThrow(
    expect.objectContaining({ code: "FOLDER_NOT_EMPTY", message: expect.stringContaining(folder) }),
  );
  expect(readFileSync(join(folder, "package.json"), "utf8")).toBe("mine");
  expect(readdirSync(folder)).toEqual(["package.json"]);
});

test("an empty folder may be there already", () => {
  const folder = join(emptyFolder(), "new");
  mkdirSync(folder);
  expect(scaffold(template, folder, namesOf("disk"), versions)).toContain("package.json");
});

test("a folder that cannot be written is told", () => {
  const file = join(emptyFolder(), "file");
  writeFileSync(file, "");
  expect(() => scaffold(template, join(file, "new"), namesOf("disk"), versions)).toThrow(
    expect.objectContaining({ code: "WRITE_FAILED", message: expect.stringContaining("ENOTDIR") }),
  );
});
