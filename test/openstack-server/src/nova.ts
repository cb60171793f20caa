import { type Answer, novaRefusal } from "./answer.js";
import { type Call, isObject } from "./call.js";
import { type CloudState, FLAVORS, IMAGES } from "./cloud-state.js";
import { Machine, type MachineFault, type Status } from "./machine.js";
import { parseOrder } from "./nova-order.js";
import { type Version, versionOf } from "./nova-version.js";
import { viewOf } from "./nova-view.js";

const NO_HOST: MachineFault = {
  code: 500,
  message: "No valid host was found. There are not enough hosts available.",
};

/** From which state each action leads where. */
const ACTIONS: Readonly<
  Record<string, { readonly from: readonly Status[]; readonly by: Status; readonly to: Status }>
> = {
  "os-start": { from: ["SHUTOFF"], by: "SHUTOFF", to: "ACTIVE" },
  "os-stop": { from: ["ACTIVE", "ERROR"], by: "ACTIVE", to: "SHUTOFF" },
  shelve: { from: ["ACTIVE", "SHUTOFF"], by: "ACTIVE", to: "SHELVED_OFFLOADED" },
  unshelve: { from: ["SHELVED_OFFLOADED"], by: "SHELVED_OFFLOADED", to: "ACTIVE" },
  reboot: { from: ["ACTIVE", "SHUTOFF", "ERROR"], by: "REBOOT", to: "ACTIVE" },
  rebuild: { from: ["ACTIVE", "SHUTOFF", "ERROR"], by: "REBUILD", to: "ACTIVE" },
};

/** Servers: orders, listings, ends. */
export class Nova {
  readonly #state: CloudState;

  constructor(state: CloudState) {
    this.#state = state;
  }

  handle(call: Call): Answer {
    const { method, path } = call;
    const { control } = this.#state;
    if (path === "/" || path === "") return { status: 200, body: { version: this.#versionDocument(call.origin) } };
    const version = versionOf(call, control);
    const [, collection, id, sub] = path.split("/");
    if (collection === "flavors" && method === "GET") return flavorPage(call, control.maxPage);
    if (collection !== "servers") throw novaRefusal(404, "The resource could not be found.");
    if (method === "POST" && id === undefined) return this.#order(call, version);
    if (method === "GET" && (id === undefined || id === "detail")) return this.#list(call, version, id === "detail");
    const machine = this.#machine(id ?? "");
    if (method === "POST" && sub === "action") return this.#act(machine, call, version);
    if (method === "DELETE" && sub === undefined) return this.#end(machine);
    if (method === "GET" && sub === undefined) {
      if (!this.#isSeen(machine)) throw notFound(machine.id);
      return { status: 200, body: { server: viewOf(machine, this.#state, version) } };
    }
    throw novaRefusal(404, "The resource could not be found.");
  }

  #versionDocument(origin: string): object {
    const { newest, oldest } = this.#state.control.microversions;
    const links = [{ rel: "self", href: `${origin}/compute/v2.1/` }];
    return { id: "v2.1", status: "CURRENT", version: newest, min_version: newest === "" ? "" : oldest, links };
  }

  #order({ body }: Call, version: Version): Answer {
    const { control, machines } = this.#state;
    const order = parseOrder(body["server"], version);
    const standing = this.#state.standing().length;
    const over = standing >= control.quota.servers;
    if (over && control.quotaIsChecked === "before") {
      const { servers } = control.quota;
      throw novaRefusal(
        403,
        `Quota exceeded for instances: Requested 1, but already used ${standing} of ${servers} instances`,
      );
    }
    const fault = over
      ? { code: 413, message: "Quota exceeded for instances" }
      : standing >= control.room
        ? NO_HOST
        : control.buildFault;
    const nowMs = this.#state.nowMs();
    const task = { name: "spawning", endsAtMs: nowMs + control.buildMs };
    const machine = new Machine(order, { ...task, becomes: fault === undefined ? "ACTIVE" : "ERROR", fault }, nowMs);
    machines.set(machine.id, machine);
    const links = [{ rel: "self", href: `/servers/${machine.id}` }];
    // The password is shown once, here.
    return { status: 202, body: { server: { id: machine.id, links, adminPass: "zPnp2GseTqG4" } } };
  }

  #list({ query, path, origin }: Call, version: Version, detail: boolean): Answer {
    const { control } = this.#state;
    this.#state.advance();
    const filtered = ["name", "tags", "marker", "limit"].some((name) => query.has(name));
    const name = query.get("name");
    const tags = version.isAtLeast(2, 26) ? query.get("tags")?.split(",") : undefined;
    const seen = [...this.#state.machines.values()]
      .filter((machine) => this.#isSeen(machine))
      // What is down passes no filter, and is left out.
      .filter(({ id }) => !(control.downCell.has(id) && (filtered || !version.isAtLeast(2, 69))))
      .filter(({ order }) => name === null || new RegExp(name).test(order.name))
      .filter(({ order }) => tags === undefined || tags.every((tag) => order.tags.includes(tag)))
      .reverse();
    const marker = query.get("marker");
    const at = marker === null ? -1 : seen.findIndex(({ id }) => id === marker);
    if (marker !== null && at === -1) throw novaRefusal(400, `marker [${marker}] not found`);
    const limit = Math.min(Number(query.get("limit") ?? control.maxPage), control.maxPage);
    const page = seen.slice(at + 1, at + 1 + limit);
    const view = (machine: Machine) => {
      const whole = viewOf(machine, this.#state, version) as Record<string, unknown>;
      const { id, name, status, links } = whole;
      // A plain list has a status only for what is down.
      return detail ? whole : { id, links, ...(name === undefined ? { status } : { name }) };
    };
    // Nova looks no further than the page: a full one has a link, even if nothing follows.
    const next = new URLSearchParams(query);
    next.set("marker", page.at(-1)?.id ?? "");
    const links = page.length === limit && [{ rel: "next", href: `${origin}/compute/v2.1${path}?${next}` }];
    return { status: 200, body: { servers: page.map(view), ...(links && { servers_links: links }) } };
  }

  #end(machine: Machine): Answer {
    const { control } = this.#state;
    if (machine.isGone || machine.status === "SOFT_DELETED") throw notFound(machine.id);
    const becomes = control.softDelete ? "SOFT_DELETED" : "gone";
    if (machine.task?.name !== "deleting") {
      machine.task = { name: "deleting", endsAtMs: this.#state.nowMs() + control.deleteMs, becomes };
    }
    return { status: 204 };
  }

  #act(machine: Machine, { body }: Call, version: Version): Answer {
    if (machine.isGone) throw notFound(machine.id);
    const name = Object.keys(body)[0] ?? "";
    const endsAtMs = this.#state.nowMs() + this.#state.control.actionMs;
    if (name === "forceDelete" && machine.status === "SOFT_DELETED") {
      machine.task = { name: "deleting", endsAtMs, becomes: "gone" };
      return { status: 202 };
    }
    const action = ACTIONS[name];
    if (action === undefined) throw novaRefusal(400, `There is no such action: ${name}`);
    if (!action.from.includes(machine.status) || machine.task !== undefined) {
      const state = machine.task?.name ?? machine.status.toLowerCase();
      throw novaRefusal(409, `Cannot '${name}' instance ${machine.id} while it is in state ${state}`);
    }
    if (name === "rebuild") this.#checkRebuild(machine, body["rebuild"], version);
    machine.status = action.by;
    machine.task = { name, endsAtMs, becomes: action.to };
    machine.done.push(name);
    return { status: 202 };
  }

  #checkRebuild(machine: Machine, rebuild: unknown, version: Version): void {
    const imageId = isObject(rebuild) ? rebuild["imageRef"] : undefined;
    if (!IMAGES.some(({ id }) => id === imageId)) throw novaRefusal(400, "Cannot find image for rebuild");
    if (machine.order.bootVolume === undefined) machine.imageId = String(imageId);
    else if (!version.isAtLeast(2, 93)) {
      throw novaRefusal(400, "Unable to rebuild with a different image for a volume-backed server.");
    }
  }

  #machine(id: string): Machine {
    this.#state.advance();
    const machine = this.#state.machines.get(id);
    if (machine === undefined) throw notFound(id);
    return machine;
  }

  /** Whether reads know of it already, and still: what was made or deleted just now may not have got around. */
  #isSeen({ orderedAtMs, goneAtMs }: Machine): boolean {
    const { lagMs } = this.#state.control;
    if (this.#state.nowMs() < orderedAtMs + lagMs) return false;
    return goneAtMs === undefined || lagMs > 0;
  }
}

function flavorPage({ query }: Call, limit: number): Answer {
  const marker = query.get("marker");
  const from = marker === null ? 0 : FLAVORS.findIndex(({ id }) => id === marker) + 1;
  const page = FLAVORS.slice(from, from + limit);
  const links = from + limit < FLAVORS.length && [{ rel: "next", href: `/flavors?marker=${page.at(-1)?.id}` }];
  return { status: 200, body: { flavors: page, ...(links && { flavors_links: links }) } };
}

function notFound(id: string) {
  return novaRefusal(404, `Instance ${id} could not be found.`);
}
