import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { ApiError } from "./api-error.ts";

/** A request, as its handler sees it. */
export interface ApiRequest {
  readonly http: IncomingMessage;
  /** What the route's pattern captured: a name or an id. */
  readonly name: string;
  readonly query: URLSearchParams;
  /** The body as JSON; `{}` if there is none. */
  json<Body>(): Promise<Body>;
}

/**
 * What a handler answers with: JSON, nothing but a status, a stream that it writes itself, or the connection itself,
 * which then speaks no HTTP any more.
 */
export type Answer =
  | { readonly status: number; readonly json?: unknown }
  | { readonly status: number; readonly write: (response: ServerResponse) => Promise<void> }
  | { readonly hijack: (connection: Duplex) => void; readonly contentType: string };

export async function readJson<Body>(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  if (text === "") return {} as Body;
  try {
    return JSON.parse(text) as Body;
  } catch {
    throw new ApiError(400, "invalid JSON");
  }
}

/** `{"label":["a=b"]}`, or, as older clients write it, `{"label":{"a=b":true}}`. */
export function filtersOf(query: URLSearchParams): Map<string, string[]> {
  const text = query.get("filters");
  if (text === null || text === "") return new Map();
  let parsed: Record<string, string[] | Record<string, boolean>>;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new ApiError(400, "invalid filter");
  }
  return new Map(
    Object.entries(parsed).map(([name, values]) => [name, Array.isArray(values) ? values : Object.keys(values)]),
  );
}
