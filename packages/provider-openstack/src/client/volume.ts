import { isObject } from "./complaint.js";
import { unlessNotFound } from "./error.js";
import type { Session } from "./session.js";

/** Cinder, as far as the volumes that servers boot from need it. */
export class Volume {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Whether the cloud has a Cinder. */
  isThere(signal: AbortSignal): Promise<boolean> {
    return this.#session.has("volume", signal);
  }

  /** @returns `undefined`: there is no such volume. */
  async status(id: string, signal: AbortSignal): Promise<string | undefined> {
    const answer = await this.#unlessGone("GET", id, signal);
    const volume = answer?.body["volume"];
    return isObject(volume) ? String(volume["status"]) : undefined;
  }

  /** Asks for the end of a volume, which may take a while. Not there is success. */
  async delete(id: string, signal: AbortSignal): Promise<void> {
    await this.#unlessGone("DELETE", id, signal);
  }

  async #unlessGone(method: "GET" | "DELETE", id: string, signal: AbortSignal) {
    return await this.#session
      .request({ service: "volume", method, path: `/volumes/${id}`, signal })
      .catch(unlessNotFound);
  }
}
