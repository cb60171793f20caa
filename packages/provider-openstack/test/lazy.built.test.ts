import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("what most clouds don't need is loaded when it is needed", () => {
  const built = readFileSync(fileURLToPath(new URL("../dist/index.js", import.meta.url)), "utf8");
  const imports = [...built.matchAll(/^import .*? from "([^"]+)";$/gms)].map(([, name]) => name);
  expect(imports.filter((name) => !/^(node:|\.\/)/.test(name ?? ""))).toEqual(
    imports.filter((name) => name === "@warmpool/core"),
  );
  expect(imports).toContain("@warmpool/core");
  for (const name of ["yaml", "undici"]) expect(built).toContain(`import("${name}")`);
});
