import assert from "node:assert/strict";
import { test } from "node:test";
import { leaseFor } from "@warmpool/testing/node-test";
import type { Browser } from "../test-things/browsers.ts";
import { findBrowser } from "../test-things/find-browser.ts";

const skip = findBrowser() === undefined ? "no browser is installed" : false;

test("a browser says what it is", { skip }, async (t) => {
  const browser = await leaseFor<Browser>(t, { pool: "browsers" });
  const { host } = new URL(browser.data.url);
  const version = (await (await fetch(`http://${host}/json/version`)).json()) as { Browser: string };
  assert.match(version.Browser, /chrom/i);
});
