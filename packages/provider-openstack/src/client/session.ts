import type { Cloud, ServiceName } from "./cloud.js";
import { isThrottled, OpenStackError } from "./error.js";
import { type Fetch, Http, type HttpAnswer, type HttpRequest } from "./http.js";
import { issueToken, type Token } from "./identity.js";
import { Pace } from "./pace.js";
import { Secrets } from "./redact.js";
import { serviceUrl, versionUrl } from "./service-url.js";
import { tlsFetch } from "./tls-fetch.js";

/** A request of a service of the catalog. */
export interface ServiceRequest extends Pick<HttpRequest, "method" | "body" | "signal"> {
  readonly service: ServiceName;
  /** Behind the address of the service, with a slash at its beginning; `""`: where it tells its versions. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * How long before its end a token is replaced, in milliseconds: requests under way with it must still be heard. One that
 * lives for minutes only is used for four fifths of its life.
 */
const RENEW_BEFORE_MS = 60_000;

/** So often a request is repeated that was refused for coming too fast. */
const THROTTLED_REPEATS = 8;

/** Requests to the services of a cloud with a token, which is got when it is needed and shared by all requests. */
export class Session {
  readonly cloud: Cloud;
  readonly #http: Http;
  readonly #secrets: Secrets;
  readonly #paces = new Map<ServiceName, Pace>();
  #token: (Token & { readonly renewAtMs: number }) | undefined;
  #renewal: Promise<Token> | undefined;

  /** @param timeoutMs Longest that one request may take, in milliseconds. */
  constructor(cloud: Cloud, timeoutMs: number) {
    this.cloud = cloud;
    this.#secrets = new Secrets(secretsOf(cloud));
    let loaded: Promise<Fetch> | undefined;
    const load = () => {
      loaded ??= tlsFetch(cloud.tls).catch((error) => {
        loaded = undefined;
        throw error;
      });
      return loaded;
    };
    this.#http = new Http(load, timeoutMs, this.#secrets.redact);
  }

  /** Whether the cloud has a service. */
  async has(service: ServiceName, signal: AbortSignal): Promise<boolean> {
    return (await this.#current(signal)).catalog.find(service, this.cloud) !== undefined;
  }

  /**
   * Sends a request. It is repeated once with a new token if it was refused for its token (401), and some times at a
   * slower pace if it was refused for coming too fast: such requests did nothing.
   */
  async request(request: ServiceRequest): Promise<HttpAnswer> {
    const pace = this.#paces.get(request.service) ?? new Pace();
    this.#paces.set(request.service, pace);
    for (let repeats = 0; ; repeats += 1) {
      const sentAtMs = await pace.turn(request.signal);
      try {
        const answer = await this.#authorized(request);
        pace.taken();
        return answer;
      } catch (error) {
        if (!isThrottled(error)) throw error;
        pace.refused(sentAtMs, error.retryAfterMs);
        if (repeats === THROTTLED_REPEATS) throw error;
      }
    }
  }

  async #authorized(request: ServiceRequest): Promise<HttpAnswer> {
    const token = await this.#current(request.signal);
    try {
      return await this.#send(request, token);
    } catch (error) {
      if (!(error instanceof OpenStackError && error.status === 401)) throw error;
      if (this.#token === token) this.#token = undefined;
      return await this.#send(request, await this.#current(request.signal));
    }
  }

  #send({ service, path, method, body, headers, signal }: ServiceRequest, token: Token): Promise<HttpAnswer> {
    const url = serviceUrl(service, token.catalog.need(service, this.cloud), token.projectId);
    return this.#http.send({
      method,
      url: path === "" ? versionUrl(url) : `${url}${path}`,
      body,
      headers: { ...headers, "x-auth-token": token.id },
      signal,
    });
  }

  /** A token that is good for a while. One renewal at a time, whoever waits for it. */
  async #current(signal: AbortSignal): Promise<Token> {
    signal.throwIfAborted();
    if (this.#token !== undefined && performance.now() < this.#token.renewAtMs) return this.#token;
    this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = undefined;
    });
    return await unlessAborted(this.#renewal, signal);
  }

  /** Goes on when one of those who wait gives up. */
  async #renew(): Promise<Token> {
    const askedAtMs = performance.now();
    const token = await issueToken(this.#http, this.cloud, new AbortController().signal);
    this.#secrets.addToken(token.id);
    const usableMs = Math.max(token.lifetimeMs - RENEW_BEFORE_MS, token.lifetimeMs * 0.8);
    this.#token = { ...token, renewAtMs: askedAtMs + usableMs };
    return this.#token;
  }
}

/** What a promise comes to, or the reason why nobody waits for it any more. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function secretsOf({ auth }: Cloud): string[] {
  switch (auth.type) {
    case "password":
      return [auth.password];
    case "application-credential":
      return [auth.secret];
    case "token":
      return [auth.token];
  }
}
