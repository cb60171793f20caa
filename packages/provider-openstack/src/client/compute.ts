import { isObject } from "./complaint.js";
import { isNotFound, OpenStackError, unlessNotFound } from "./error.js";
import { formatMicroversion, isAtLeast, type Microversion, negotiate, parseMicroversion } from "./microversion.js";
import type { NovaServer } from "./nova-server.js";
import { parseServer } from "./nova-server.js";
import { pages, parsePage } from "./paging.js";
import { type Session, unlessAborted } from "./session.js";

/** What we know how to talk to: from plain v2.1 to where a server that boots from a volume can be rebuilt. */
const OURS = { oldest: [2, 1], newest: [2, 93] } as const;

/** From which microversion on Nova can do something. */
const SINCE = {
  /** `networks: "auto"` and `"none"`, and must be told which. */
  networkModes: [2, 37],
  /** Tags given with the order for a server, and shown with it. */
  tagsAtCreation: [2, 52],
  /** The type of a volume to boot from. */
  volumeType: [2, 67],
  /** Servers that cannot be seen are listed as such, instead of left out. */
  downCells: [2, 69],
  /** Rebuilding a server that boots from a volume. */
  rebuildVolume: [2, 93],
} as const satisfies Record<string, Microversion>;

/** What an action on a server is called, with what it wants to be told. */
export type ServerAction =
  | { readonly "os-start": null }
  | { readonly "os-stop": null }
  | { readonly shelve: null }
  | { readonly unshelve: null }
  | { readonly reboot: { readonly type: "SOFT" | "HARD" } }
  | { readonly rebuild: { readonly imageRef: string } };

/** Which servers to list. */
export interface ServerFilter {
  /** A regular expression of the database's, that names match. */
  readonly name?: string;
  /** A tag that they all bear. */
  readonly tag?: string;
}

/** Nova. */
export class Compute {
  readonly #session: Session;
  #version: Promise<Microversion | undefined> | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Whether Nova can do something, at the microversion that was agreed on. */
  async can(feature: keyof typeof SINCE, signal: AbortSignal): Promise<boolean> {
    return isAtLeast(await this.#microversion(signal), SINCE[feature]);
  }

  /**
   * Orders a server: one request, ever.
   *
   * @returns Its id.
   */
  async createServer(order: object, signal: AbortSignal): Promise<string> {
    const { body } = await this.#request("POST", "/servers", signal, order);
    const { server } = body;
    if (isObject(server) && typeof server["id"] === "string") return server["id"];
    throw new OpenStackError("Nova took the order for a server without telling its id.");
  }

  /** @returns `undefined`: there is no such server. */
  async server(id: string, signal: AbortSignal): Promise<NovaServer | undefined> {
    try {
      const { body } = await this.#request("GET", `/servers/${id}`, signal);
      return parseServer(body["server"]);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** All servers of the project that pass a filter, each once, a page at a time. Read to its end it is complete. */
  async *servers(filter: ServerFilter, signal: AbortSignal): AsyncGenerator<readonly NovaServer[]> {
    const read = async (marker: string | undefined) => {
      const query = new URLSearchParams();
      if (filter.name !== undefined) query.set("name", filter.name);
      if (filter.tag !== undefined) query.set("tags", filter.tag);
      if (marker !== undefined) query.set("marker", marker);
      const search = query.size === 0 ? "" : `?${query}`;
      return parsePage((await this.#request("GET", `/servers/detail${search}`, signal)).body, "servers");
    };
    for await (const page of pages(read)) yield page.map(parseServer);
  }

  /**
   * Servers of a part of the cloud that is down are left out of listings by filter, marker or page. Only the plain list
   * tells of them.
   *
   * @returns How many cannot be seen; 0 as well where Nova is too old to tell.
   */
  async unseen(signal: AbortSignal): Promise<number> {
    if (!(await this.can("downCells", signal))) return 0;
    const { items } = parsePage((await this.#request("GET", "/servers", signal)).body, "servers");
    return items.filter(({ status, name }) => status === "UNKNOWN" && name === undefined).length;
  }

  /** Asks for the end of a server, which may take a while. Not there is success. */
  async deleteServer(id: string, signal: AbortSignal): Promise<void> {
    await this.#request("DELETE", `/servers/${id}`, signal).catch(unlessNotFound);
  }

  /** Asks for the end of a server that is deleted, but kept for a while. Not there is success. */
  async forceDelete(id: string, signal: AbortSignal): Promise<void> {
    await this.#request("POST", `/servers/${id}/action`, signal, { forceDelete: null }).catch(unlessNotFound);
  }

  /** Asks a server for something, which may take a while. */
  async act(id: string, action: ServerAction, signal: AbortSignal): Promise<void> {
    await this.#request("POST", `/servers/${id}/action`, signal, action);
  }

  /** Flavors by id and name. */
  async *flavors(signal: AbortSignal): AsyncGenerator<readonly { readonly id: string; readonly name: string }[]> {
    const read = async (marker: string | undefined) => {
      const search = marker === undefined ? "" : `?marker=${encodeURIComponent(marker)}`;
      return parsePage((await this.#request("GET", `/flavors${search}`, signal)).body, "flavors");
    };
    for await (const page of pages(read)) {
      yield page.map(({ id, name }) => ({ id: String(id), name: String(name) }));
    }
  }

  async #request(method: "GET" | "POST" | "DELETE", path: string, signal: AbortSignal, body?: object) {
    const version = await this.#microversion(signal);
    const headers = version === undefined ? {} : versionHeaders(version);
    return await this.#session.request({ service: "compute", method, path, body, headers, signal });
  }

  /** Asked once, for whoever needs it first; anew after a failure. */
  async #microversion(signal: AbortSignal): Promise<Microversion | undefined> {
    this.#version ??= this.#discover().catch((error) => {
      this.#version = undefined;
      throw error;
    });
    return await unlessAborted(this.#version, signal);
  }

  async #discover(): Promise<Microversion | undefined> {
    // Each request has a limit of its own; nobody's giving up counts for the others.
    const signal = new AbortController().signal;
    const { body } = await this.#session.request({ service: "compute", method: "GET", path: "", signal });
    const version = isObject(body["version"]) ? body["version"] : {};
    const newest = parseMicroversion(version["version"]);
    const oldest = parseMicroversion(version["min_version"]);
    const ceiling = parseMicroversion(this.#session.cloud.computeVersion);
    const ours = ceiling === undefined || isAtLeast(ceiling, OURS.newest) ? OURS : { ...OURS, newest: ceiling };
    return negotiate(ours, newest === undefined || oldest === undefined ? undefined : { newest, oldest });
  }
}

/** Nova has read the second since 2.27, and reads the first at all versions. */
function versionHeaders(version: Microversion): Record<string, string> {
  const text = formatMicroversion(version);
  return { "x-openstack-nova-api-version": text, "openstack-api-version": `compute ${text}` };
}
