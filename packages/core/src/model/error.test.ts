import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type ErrorCode, isWarmpoolError, ProviderError, WarmpoolError } from "../index.js";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const source = read("error.ts");
const guide = read("../../../../docs/guide/errors.md");
const codes = [...source.matchAll(/^ {2}([A-Z_]+): \{/gm)].map(([, code]) => code as ErrorCode);
const sections = guide.split(/^## /m).slice(1);
const explained = sections.map((section) => section.split("\n")[0] as ErrorCode);

describe("docs/guide/errors.md", () => {
  test("has a section for each code, in the order of the source, and no other", () => {
    expect(codes.length).toBeGreaterThan(20);
    expect(explained).toEqual(codes);
  });

  test.each(sections.map((section) => section.split("\n") as [string, ...string[]]))(
    "%s says something",
    (...lines) => {
      expect(lines.slice(1).join(" ").trim().length).toBeGreaterThan(80);
    },
  );

  test.each(codes)("%s is where its errors' url leads, by the anchors that GitHub makes", (code) => {
    const { url } = new WarmpoolError(code, "x", { details: {} as never });
    const anchor = (explained.find((heading) => heading === code) ?? "").toLowerCase();
    expect(url).toBe(`https://warmpool.dev/errors#${anchor}`);
  });
});

describe("a WarmpoolError", () => {
  const error = new WarmpoolError("LEASE_LOST", "gone", {
    details: { token: 3, pool: "web", reason: "it expired" },
    cause: "the clock",
  });

  test("has its code, message, details and cause", () => {
    expect(error).toMatchObject({
      name: "WarmpoolError",
      code: "LEASE_LOST",
      message: "gone",
      details: { token: 3 },
      cause: "the clock",
    });
    expect(error).toBeInstanceOf(Error);
    expect("cause" in new WarmpoolError("FENCED", "x", { details: { epoch: 1 } })).toBe(false);
  });

  test("of an aborted wait is an AbortError", () => {
    expect(new WarmpoolError("ABORTED", "x", { details: { ticket: undefined } }).name).toBe("AbortError");
  });

  test("is known by isWarmpoolError, of any or of one code", () => {
    expect(isWarmpoolError(error)).toBe(true);
    expect(isWarmpoolError(error, "LEASE_LOST")).toBe(true);
    expect(isWarmpoolError(error, "LEASE_ENDED")).toBe(false);
    expect(isWarmpoolError(new ProviderError("x"), "PROVIDER_FAILED")).toBe(true);
    for (const other of [new Error("x"), { code: "LEASE_LOST" }, null, undefined, "LEASE_LOST"]) {
      expect(isWarmpoolError(other)).toBe(false);
    }
  });

  test("of another copy of the package is known as well", () => {
    const foreign = Object.assign(new Error("x"), { code: "LEASE_LOST", [Symbol.for("warmpool.error")]: true });
    expect(isWarmpoolError(foreign, "LEASE_LOST")).toBe(true);
  });
});

test("every code is used by some source", () => {
  const packages = fileURLToPath(new URL("../../../", import.meta.url));
  const files = globSync("*/src/**/*.ts", { cwd: packages }).filter(
    (path) => !/\.test(-d)?\.ts$|model.error\.ts$/.test(path),
  );
  const text = files.map((path) => readFileSync(`${packages}${path}`, "utf8")).join("\n");
  const unused = codes.filter((code) => !text.includes(`"${code}"`));
  // It is told by the event `store.rolled-back`: nobody's call is at fault.
  expect(unused).toEqual(["STORE_ROLLED_BACK"]);
});
