import { expect } from "@playwright/test";
import { findBrowser } from "../test-things/find-browser.js";
import { test } from "./fixtures.js";

test.skip(findBrowser() === undefined, "no browser is installed");

test("a leased browser shows what a leased server says", async ({ leasedPage, server }) => {
  await leasedPage.goto(server.data.url);
  expect(await leasedPage.textContent("body")).toContain("nobody is here");
});
