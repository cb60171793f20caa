import { isObject, parseComplaint, retryAfterMs } from "./complaint.js";
import { OpenStackError } from "./error.js";
import type { Redact } from "./redact.js";

/** A request of one service. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: unknown;
  /** Of the caller: aborting it rejects with its reason. */
  readonly signal: AbortSignal;
}

/** An answer whose status says success. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** What it says: an empty object if nothing. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Codes of connections that never came about, so that nothing was sent. */
const NO_CONNECTION = [
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
];

/** Sends single requests, once each. */
export class Http {
  readonly #fetch: () => Promise<Fetch>;
  readonly #timeoutMs: number;
  readonly #redact: Redact;

  /**
   * @param fetch Asked for at the first request, so that what it needs is loaded then.
   * @param timeoutMs Longest that one request may take, in milliseconds.
   */
  constructor(fetch: () => Promise<Fetch>, timeoutMs: number, redact: Redact) {
    this.#fetch = fetch;
    this.#timeoutMs = timeoutMs;
    this.#redact = redact;
  }

  /** @throws {OpenStackError} For refusals, and when no answer came. Reasons of `signal` are thrown as they are. */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const { method, url, headers, body, signal } = request;
    signal.throwIfAborted();
    const fetch = await this.#fetch();
    const what = `${method} ${whereOf(url)}`;
    let answer: Response;
    let text: string;
    try {
      answer = await fetch(url, {
        method,
        headers: { accept: "application/json", ...(body !== undefined && JSON_BODY), ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        // A redirected POST would come as a GET.
        redirect: method === "GET" ? "follow" : "manual",
        signal: AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs)]),
      });
      text = await answer.text();
    } catch (error) {
      signal.throwIfAborted();
      throw this.#unanswered(what, error);
    }
    const contentType = answer.headers.get("content-type") ?? "";
    if (!answer.ok) throw this.#refused(what, answer, text, contentType);
    return { status: answer.status, headers: answer.headers, body: this.#parse(what, text) };
  }

  #parse(what: string, text: string): Record<string, unknown> {
    if (text.trim() === "") return {};
    try {
      const body: unknown = JSON.parse(text);
      if (isObject(body)) return body;
    } catch {
      // Told below, for a body that is JSON and no object as well.
    }
    throw new OpenStackError(`${what}: the answer is not JSON. Is this address an OpenStack service's?`);
  }

  #refused(what: string, answer: Response, text: string, contentType: string): OpenStackError {
    const { type, message, retryAfterMs: fromBody } = parseComplaint(text, contentType);
    const requestId = answer.headers.get("x-openstack-request-id") ?? undefined;
    const words = message === undefined ? "" : `: ${this.#redact(message)}`;
    const trace = requestId === undefined ? "" : ` (request ${requestId})`;
    return new OpenStackError(`${what}: ${answer.status} ${type ?? answer.statusText}${words}${trace}`, {
      status: answer.status,
      type,
      requestId,
      retryAfterMs: retryAfterMs(answer.headers.get("retry-after")) ?? fromBody,
    });
  }

  #unanswered(what: string, error: unknown): OpenStackError {
    if (error instanceof DOMException && error.name === "TimeoutError") {
      return new OpenStackError(`${what}: no answer within ${this.#timeoutMs} ms`);
    }
    const [code, message] = rootOf(error);
    return new OpenStackError(`${what}: no answer: ${this.#redact(message)}`, {
      unsent: NO_CONNECTION.includes(code),
    });
  }
}

const JSON_BODY = { "content-type": "application/json" };

/** A URL without its query, which may be long, and without a user's name in it. */
function whereOf(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/** The code and message of the innermost cause: `fetch failed` alone tells nothing. */
function rootOf(error: unknown): [code: string, message: string] {
  let root: unknown = error;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  // Of several addresses, all failed.
  if (root instanceof AggregateError && root.errors[0] instanceof Error) root = root.errors[0];
  if (!(root instanceof Error)) return ["", String(root)];
  const code = "code" in root && typeof root.code === "string" ? root.code : "";
  return [code, root.message || code];
}
