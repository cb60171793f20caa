import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { type Answer, keystoneRefusal, Refusal } from "./answer.js";
import type { Call } from "./call.js";
import { Cinder } from "./cinder.js";
import { CloudState } from "./cloud-state.js";
import { type Control, defaultControl, type Fault, type SeenRequest } from "./control.js";
import { handleImages } from "./glance.js";
import { Keystone } from "./keystone.js";
import { Neutron } from "./neutron.js";
import { Nova } from "./nova.js";
import { Throttle } from "./throttle.js";

/**
 * A small OpenStack on the loopback: what its services say over HTTP, with quotas, throttling, delays and lost answers at
 * the turn of a switch. It knows of nobody who uses it.
 */
export class OpenStack {
  readonly control: Control;
  readonly state: CloudState;
  readonly keystone: Keystone;
  /** Every request that came in, in order. */
  readonly requests: SeenRequest[] = [];
  readonly #server: Server;
  readonly #throttle = new Throttle();
  readonly #services: Readonly<Record<string, (call: Call) => Answer>>;

  private constructor(control: Control) {
    this.control = control;
    this.state = new CloudState(control);
    this.keystone = new Keystone(this.state);
    const nova = new Nova(this.state);
    const neutron = new Neutron(this.state);
    const cinder = new Cinder(this.state);
    this.#services = {
      "/compute/v2.1": (call) => nova.handle(call),
      "/networking": (call) => neutron.handle(call),
      "/volume": (call) => cinder.handle(call),
      "/image": handleImages,
    };
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** Starts one, on a port of its own. */
  static async start(given: Partial<Control> = {}): Promise<OpenStack> {
    const cloud = new OpenStack({ ...defaultControl(), ...given });
    await new Promise<void>((resolve) => cloud.#server.listen(0, "127.0.0.1", resolve));
    return cloud;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Of Keystone, as `OS_AUTH_URL` has it. */
  get authUrl(): string {
    return `${this.origin}/identity`;
  }

  /** How many requests came that match. */
  count(match: (request: SeenRequest) => boolean): number {
    return this.requests.filter(match).length;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? "/", this.origin);
    const seen: SeenRequest = { method: incoming.method ?? "", path: url.pathname, query: url.searchParams, status: 0 };
    this.requests.push(seen);
    const text = await bodyOf(incoming);
    if (this.control.down) return void incoming.socket.destroy();
    const fault = this.#faultFor(seen);
    if (fault?.kind === "refuse") return void incoming.socket.destroy();
    const answer = fault?.kind === "answer" ? fault : this.#answer(incoming, url, text);
    if (fault?.kind === "delay") await pause(fault.delayMs, undefined, { ref: false });
    if (fault?.kind === "lose") return void incoming.socket.destroy();
    seen.status = answer.status;
    response.writeHead(answer.status, {
      "x-openstack-request-id": `req-${this.requests.length}`,
      ...(answer.body !== undefined && { "content-type": "application/json" }),
      ...("headers" in answer && answer.headers),
    });
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  }

  #faultFor(request: SeenRequest): Fault["how"] | undefined {
    const fault = this.control.faults.find(({ match, times }) => times > 0 && match(request));
    if (fault === undefined) return undefined;
    fault.times -= 1;
    return fault.how;
  }

  #answer(incoming: IncomingMessage, url: URL, text: string): Answer {
    try {
      return this.#dispatch(incoming, url, text);
    } catch (error) {
      if (error instanceof Refusal) return error.answer;
      const message = `Unexpected API Error. ${String(error)}`;
      return { status: 500, body: { computeFault: { code: 500, message } } };
    }
  }

  #dispatch({ method = "", headers }: IncomingMessage, { pathname, searchParams: query }: URL, text: string): Answer {
    const body = text === "" ? {} : JSON.parse(text);
    const call = (prefix: string): Call => {
      return { method, path: pathname.slice(prefix.length), query, headers, body, origin: this.origin };
    };
    if (pathname.startsWith("/identity")) return this.keystone.handle(call("/identity"));
    const prefix = Object.keys(this.#services).find((path) => pathname.startsWith(path));
    const service = this.#services[prefix ?? ""];
    if (prefix === undefined || service === undefined) return { status: 404 };
    const { throttle } = this.control;
    if (throttle !== undefined && !this.#throttle.takes(throttle, performance.now())) {
      const overLimit = { code: throttle.status, message: "This request was rate-limited.", details: "Slow down." };
      const retryAfter = String(throttle.retryAfterS ?? 1);
      return { status: throttle.status, body: { overLimit }, headers: { "retry-after": retryAfter } };
    }
    if (!this.keystone.knows(headers["x-auth-token"])) {
      throw keystoneRefusal(401, "Unauthorized", "The request you have made requires authentication.");
    }
    return service(call(prefix));
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk);
  } catch {
    // Whoever asked has gone. What came is what counts.
  }
  return Buffer.concat(chunks).toString("utf8");
}
