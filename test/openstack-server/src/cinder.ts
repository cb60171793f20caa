import { type Answer, novaRefusal } from "./answer.js";
import type { Call } from "./call.js";
import { type CloudState, PROJECT } from "./cloud-state.js";

/** Volumes, as far as their ends go. */
export class Cinder {
  readonly #state: CloudState;

  constructor(state: CloudState) {
    this.#state = state;
  }

  handle({ method, path }: Call): Answer {
    this.#state.advance();
    const [, version, project, collection, id = ""] = path.split("/");
    const volume = this.#state.volumes.get(id);
    if (version !== "v3" || project !== PROJECT.id || collection !== "volumes" || volume === undefined) {
      throw novaRefusal(404, `Volume ${id} could not be found.`);
    }
    if (method === "GET") return { status: 200, body: { volume } };
    if (method !== "DELETE") throw novaRefusal(405, "Method not allowed");
    if (volume.status === "in-use") throw novaRefusal(400, "Invalid volume: Volume status must be available or error.");
    volume.status = "deleting";
    return { status: 202 };
  }
}
