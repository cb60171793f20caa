import { OpenStackError } from "./error.js";
import type { Session } from "./session.js";

/** An image of Glance. */
export interface Image {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
}

/** Glance. */
export class Images {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * Images that can be used, the newest first: the first page of them.
   *
   * @param name That they have; `undefined`: any.
   */
  async named(name: string | undefined, signal: AbortSignal): Promise<Image[]> {
    const query = new URLSearchParams({
      status: "active",
      sort: "created_at:desc",
      ...(name !== undefined && { name }),
    });
    const { body } = await this.#session.request({ service: "image", method: "GET", path: `/images?${query}`, signal });
    const { images } = body;
    if (!Array.isArray(images)) throw new OpenStackError("The answer has no images. Is this address Glance's?");
    return images.map(({ id, name, created_at: createdAt }) => ({ id, name, createdAt }));
  }
}
