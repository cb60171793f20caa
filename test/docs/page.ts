/**
 * The examples of a page of documentation, by these conventions:
 *
 * - A block whose info string has a second word (` ```sh start.sh `, ` ```ts app.ts `) is a file of that name. All files
 *   of a page lie in one folder. TypeScript is compiled.
 * - A ` ```console ` block is a session in that folder: each line after `$ ` is a command, which is run, and what follows
 *   is what it prints. Durations, keys and ports vary; everything else must be the same.
 * - A ` ```ts ` block without a name is a fragment. It is compiled behind the last `<!-- preamble … -->` comment above it,
 *   which is hidden from readers; `<!-- preamble -->` alone ends one. After `<!-- runs -->` it is run as well, and a
 *   ` ```text ` block that follows is what it prints.
 *
 * Blocks of other kinds are not looked at.
 */
import { readFileSync } from "node:fs";

/** A file that a page shows, or a fragment as a file. */
export interface ExampleFile {
  readonly name: string;
  readonly text: string;
  /** The line of the page on which its first line stands, less the lines of the preamble. */
  readonly firstLine: number;
}

/** A command and what it prints. */
export interface Step {
  readonly command: string;
  /** `undefined`: anything. */
  readonly prints: string | undefined;
  readonly line: number;
}

export interface Page {
  /** Relative to the repository. */
  readonly path: string;
  readonly files: readonly ExampleFile[];
  readonly steps: readonly Step[];
}

interface Block {
  readonly language: string;
  readonly name: string | undefined;
  readonly text: string;
  /** Of its first line of content, counted from 1. */
  readonly line: number;
  /** What stands between it and the block before. */
  readonly before: string;
}

/** @param root The repository, with a slash at its end. */
export function readPage(root: string, path: string): Page {
  return parsePage(path, readFileSync(`${root}${path}`, "utf8"));
}

export function parsePage(path: string, text: string): Page {
  const files = new Map<string, ExampleFile>();
  const steps: Step[] = [];
  let preamble = "";
  let fragments = 0;
  let previous: { command: string; line: number } | undefined;
  for (const block of blocksOf(text)) {
    const { language, name, line, before } = block;
    for (const [, found = ""] of before.matchAll(/<!-- preamble\n?(.*?)-->/gs))
      preamble = found.trim() === "" ? "" : found;
    if (name !== undefined) {
      files.set(name, { name, text: block.text, firstLine: line });
    } else if (language === "console") {
      steps.push(...sessionOf(block));
    } else if (language === "ts") {
      const fragment = `fragment-${++fragments}.ts`;
      // A fragment without imports would be a script, whose names everybody shares.
      const lines = `${preamble}export {};\n`;
      files.set(fragment, { name: fragment, text: lines + block.text, firstLine: line - lines.split("\n").length + 1 });
      if (/<!-- runs -->\s*$/.test(before)) {
        previous = { command: `node ${fragment}`, line };
        steps.push({ ...previous, prints: undefined });
        continue;
      }
    } else if (language === "text" && previous !== undefined && before.trim() === "") {
      steps.pop();
      steps.push({ ...previous, prints: block.text });
    }
    previous = undefined;
  }
  return { path, files: [...files.values()], steps };
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  const pattern = /^```(\w+)(?: (\S+))?\n(.*?)^```$/gms;
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const [all, language = "", name, content = ""] = match;
    const before = text.slice(end, match.index);
    const line = text.slice(0, match.index).split("\n").length + 1;
    blocks.push({ language, name, text: content, line, before });
    end = match.index + all.length;
  }
  return blocks;
}

function sessionOf({ text, line }: Block): Step[] {
  const steps: Step[] = [];
  for (const [index, content] of text.split("\n").entries()) {
    const last = steps.at(-1);
    if (content.startsWith("$ ")) steps.push({ command: content.slice(2), prints: "", line: line + index });
    else if (last !== undefined && content !== "") {
      steps[steps.length - 1] = { ...last, prints: `${last.prints}${content}\n` };
    }
  }
  return steps;
}

/** What a command printed, without what is different each time. */
export function masked(text: string): string {
  return text
    .replaceAll(/wp-[a-z0-9]{8}-[a-z0-9]{6}-[a-z0-9]+/g, "<key>")
    .replaceAll(/\b\d+(\.\d+)?(ms|s)\b/g, "<duration>")
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:<port>")
    .trim();
}
