// What the provider talks to. This API has machines with names: put yours in its place.
import { ProviderError } from "@warmpool/core";

export interface Machine {
  readonly id: string;
  readonly name: string;
  readonly state: "starting" | "running" | "broken";
  readonly address: string;
  readonly createdAtMs: number;
  /** Whatever we say when we make it. */
  readonly labels: Readonly<Record<string, string>>;
}

/** One request each, never repeated: when to try again is the pool's affair. */
export class Api {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url.replace(/\/+$/, "");
  }

  /** The machine of this name; one that is there already counts. */
  async create(name: string, labels: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Machine> {
    return await this.#ask("POST", "/machines", signal, { name, labels });
  }

  async named(name: string, signal: AbortSignal): Promise<Machine | undefined> {
    const { machines } = await this.#ask<Page>("GET", `/machines?name=${encodeURIComponent(name)}`, signal);
    return machines[0];
  }

  /** All of them, page by page. */
  async *all(signal: AbortSignal): AsyncGenerator<Machine> {
    for (let after: string | null = ""; after !== null; ) {
      const page: Page = await this.#ask("GET", `/machines?after=${encodeURIComponent(after)}`, signal);
      yield* page.machines;
      after = page.next;
    }
  }

  /** Cleans it for its next user, by installing it anew. */
  async clean(id: string, signal: AbortSignal): Promise<void> {
    await this.#ask("POST", `/machines/${id}/clean`, signal);
  }

  /** It may take a while until it is gone. */
  async delete(id: string, signal: AbortSignal): Promise<void> {
    await this.#ask("DELETE", `/machines/${id}`, signal);
  }

  async #ask<Answer>(method: string, path: string, signal: AbortSignal, body?: unknown): Promise<Answer> {
    let response: Response;
    let answer: unknown;
    try {
      response = await fetch(this.#url + path, {
        method,
        signal,
        ...(body !== undefined && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      });
      answer = response.status === 204 ? undefined : await response.json();
    } catch (error) {
      signal.throwIfAborted();
      // Nobody knows whether it was heard.
      throw new ProviderError(`${method} ${path} was not answered`, { kind: "transient", cause: error });
    }
    if (response.ok) return answer as Answer;
    throw refusal(response.status, `${method} ${path} was answered with ${response.status}: ${JSON.stringify(answer)}`);
  }
}

interface Page {
  readonly machines: readonly Machine[];
  readonly next: string | null;
}

/** What a status means: the pool goes by the `kind`. */
function refusal(status: number, message: string): ProviderError {
  // A refusal made nothing, for certain; anything else leaves that open.
  const made = status >= 400 && status < 500 ? ({ made: "nothing" } as const) : {};
  switch (status) {
    case 402:
    case 403:
      return new ProviderError(message, { kind: "quota", ...made });
    case 429:
      return new ProviderError(message, { kind: "throttled", ...made });
    case 400:
    case 401:
      return new ProviderError(message, { kind: "permanent", ...made });
    case 507:
      return new ProviderError(message, { kind: "capacity" });
    default:
      return new ProviderError(message, { kind: status >= 500 ? "transient" : "unknown", ...made });
  }
}
