import { mkdirSync, statSync, symlinkSync } from "node:fs";
import process from "node:process";
import { expect, test, vi } from "vitest";
import { workshop } from "../test/workshop.js";
import { defaultStateDirectory, ensureDirectory, fileNameOf } from "./directory.js";

test("a folder is made for its owner alone", async () => {
  const shop = workshop();
  await ensureDirectory(shop.path("a/b"));
  await ensureDirectory(shop.path("a/b"));
  expect(statSync(shop.path("a/b")).mode & 0o777).toBe(0o700);
});

test("a default folder that somebody else put there is refused", async () => {
  const shop = workshop();
  vi.stubEnv("TMPDIR", shop.directory);
  try {
    mkdirSync(shop.path("elsewhere"));
    symlinkSync(shop.path("elsewhere"), defaultStateDirectory());
    await expect(ensureDirectory(defaultStateDirectory())).rejects.toThrow(
      "Set stateDirectory to a folder of your own",
    );
  } finally {
    vi.unstubAllEnvs();
  }
});

test("the default folder is one per user", async () => {
  const shop = workshop();
  vi.stubEnv("TMPDIR", shop.directory);
  try {
    expect(defaultStateDirectory()).toBe(shop.path(`warmpool-shell-${process.getuid?.()}`));
    await ensureDirectory(defaultStateDirectory());
    expect(statSync(defaultStateDirectory()).isDirectory()).toBe(true);
  } finally {
    vi.unstubAllEnvs();
  }
});

test("keys that differ have files that differ", () => {
  const keys = ["wp-abcdefgh-123456-1", "a/b", "a:b", "a_b", "../a", "", "x".repeat(65), "x".repeat(66)];
  const names = keys.map(fileNameOf);
  expect(new Set(names).size).toBe(keys.length);
  for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  expect(names[0]).toBe(keys[0]);
});
