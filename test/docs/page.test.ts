import { expect, test } from "vitest";
import { masked, parsePage } from "./page.js";

const page = (...lines: string[]) => parsePage("a.md", lines.map((line) => `${line}\n`).join(""));
const fence = "```";

test("a block with a name is a file", () => {
  const { files, steps } = page("# Title", "", `${fence}sh start.sh`, "#!/bin/sh", fence);
  expect(files).toEqual([{ name: "start.sh", text: "#!/bin/sh\n", firstLine: 4 }]);
  expect(steps).toEqual([]);
});

test("a console block is commands and what they print", () => {
  const { steps } = page(`${fence}console`, "$ node a.ts", "one", "two", "", "$ node b.ts", fence);
  expect(steps).toEqual([
    { command: "node a.ts", prints: "one\ntwo\n", line: 2 },
    { command: "node b.ts", prints: "", line: 6 },
  ]);
});

test("a fragment comes behind the last preamble, and its lines are those of the page", () => {
  const { files } = page(
    "<!-- preamble",
    "const a = 1;",
    "-->",
    `${fence}ts`,
    "a + 1;",
    fence,
    "<!-- preamble -->",
    `${fence}ts`,
    "2;",
    fence,
  );
  expect(files).toEqual([
    { name: "fragment-1.ts", text: "const a = 1;\nexport {};\na + 1;\n", firstLine: 3 },
    { name: "fragment-2.ts", text: "export {};\n2;\n", firstLine: 8 },
  ]);
});

test("a fragment is run when the page says so, and prints what follows", () => {
  const { steps } = page("<!-- runs -->", `${fence}ts`, "console.log(1);", fence, "", `${fence}text`, "1", fence);
  expect(steps).toEqual([{ command: "node fragment-1.ts", prints: "1\n", line: 3 }]);
  expect(page(`${fence}ts`, "console.log(1);", fence, "", `${fence}text`, "1", fence).steps).toEqual([]);
  expect(page("<!-- runs -->", `${fence}ts`, "1;", fence, "Text.", `${fence}text`, "1", fence).steps).toEqual([
    { command: "node fragment-1.ts", prints: undefined, line: 3 },
  ]);
});

test("what varies is masked, and nothing else", () => {
  expect(masked("wp-abcd1234-x0y1z2-3f is at http://127.0.0.1:4711 after 12.5s (3 of 8)\n")).toBe(
    "<key> is at http://127.0.0.1:<port> after <duration> (3 of 8)",
  );
});
