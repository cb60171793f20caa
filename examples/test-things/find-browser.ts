import { existsSync } from "node:fs";
import process from "node:process";

/** Where Chromium and Chrome usually are. */
const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** The browser that `BROWSER` names, or one that is installed; `undefined`: there is none. */
export function findBrowser(): string | undefined {
  const named = process.env["BROWSER"];
  return [...(named === undefined || named === "" ? [] : [named]), ...PLACES].find((path) => existsSync(path));
}
