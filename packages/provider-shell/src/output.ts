import type { StandardSchemaV1 } from "@standard-schema/spec";
import { DATA_LIMIT } from "./environment.js";

/** What `output` says: how stdout becomes data. */
export type OutputKind = "text" | "json" | StandardSchemaV1;

/** Data, or what was expected instead of what came. */
export type Parsed = { readonly data: unknown } | { readonly expected: string };

/** How much of an unusable output goes into messages, in characters. */
const CAME_LIMIT = 200;

/** Reads what scripts print and writes what they are handed. */
export class Output {
  readonly kind: OutputKind;

  constructor(kind: OutputKind) {
    this.kind = kind;
  }

  get isText(): boolean {
    return this.kind === "text";
  }

  /** Data from what a script printed. */
  async parse(bytes: Uint8Array): Promise<Parsed> {
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return { expected: "text in UTF-8" };
    }
    if (this.kind === "text") {
      // A variable cannot hold it, and scripts are handed their data as one.
      if (text.includes("\0")) return { expected: "text without NUL characters" };
      return fitting({ data: text.endsWith("\n") ? text.slice(0, -1) : text }, text);
    }
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return { expected: "JSON" };
    }
    return this.validate(json);
  }

  /** Data from a value that was JSON. */
  async validate(json: unknown): Promise<Parsed> {
    if (typeof this.kind === "string") return fitting({ data: json }, JSON.stringify(json));
    const result = await this.kind["~standard"].validate(json);
    if (result.issues !== undefined) {
      return { expected: `what the schema asks for (${result.issues.map(describe).join("; ")})` };
    }
    let text: string | undefined;
    try {
      text = JSON.stringify(result.value);
    } catch {
      // Cyclic, or with a bigint in it: said below.
    }
    // Without it the resource could be neither checked nor deleted later.
    if (text === undefined) return { expected: "what the schema turns into JSON" };
    return fitting({ data: result.value }, text);
  }

  /** Data as scripts are handed it. */
  encode(data: unknown): string {
    return this.kind === "text" && typeof data === "string" ? data : JSON.stringify(data);
  }
}

/** The beginning of an unusable output, for people. */
export function came(text: string, redact: (text: string) => string): string {
  return text === "" ? "nothing" : JSON.stringify(redact(text).slice(0, CAME_LIMIT));
}

function fitting(parsed: Parsed, encoded: string): Parsed {
  const bytes = Buffer.byteLength(encoded);
  if (bytes <= DATA_LIMIT) return parsed;
  return { expected: `at most ${DATA_LIMIT} bytes of data, which is what a script can be handed, not ${bytes}` };
}

function describe(issue: StandardSchemaV1.Issue): string {
  const path = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}
