import { expect } from "vitest";
import { findBrowser } from "../test-things/find-browser.js";
import { test } from "./fixtures.js";

const none = findBrowser() === undefined;

test.skipIf(none)(`a browser says what it is${none ? " (skipped: none is installed)" : ""}`, async ({ browser }) => {
  const { host } = new URL(browser.data.url);
  const version = (await (await fetch(`http://${host}/json/version`)).json()) as { Browser: string };
  expect(version.Browser).toMatch(/chrom/i);
});
