import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes test files that all want a server. */
export function generate(folder: string, files: number): void {
  mkdirSync(folder, { recursive: true });
  for (let n = 1; n <= files; n++) {
    const text = `import { visits } from "../visits.js";\n\nvisits("file ${n}");\n`;
    writeFileSync(join(folder, `file-${n}.spec.ts`), text);
  }
}
