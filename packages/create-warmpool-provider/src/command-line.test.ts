import { expect, test } from "vitest";
import { parseCommandLine } from "./command-line.js";

test.each([
  [[], { do: "create", name: undefined, folder: undefined }],
  [["rack"], { do: "create", name: "rack", folder: undefined }],
  [["--folder", "here", "rack"], { do: "create", name: "rack", folder: "here" }],
  [["--help"], { do: "help" }],
  [["rack", "-h"], { do: "help" }],
  [["--version"], { do: "version" }],
])("%j", (args, order) => {
  expect(parseCommandLine(args)).toEqual(order);
});

test.each([
  [["one", "two"], "There is one name, not 2."],
  [["--force"], "'--force'"],
  [["--folder"], "'--folder <value>' argument missing"],
])("%j is refused, with the usage", (args, words) => {
  expect(() => parseCommandLine(args)).toThrow(
    expect.objectContaining({ code: "USAGE", message: expect.stringContaining(words) }),
  );
  expect(() => parseCommandLine(args)).toThrow("npm create warmpool-provider");
});
