import { ApiError } from "../api-error.ts";
import type { Container, CreateBody } from "../container.ts";
import type { Dialect } from "../dialect.ts";
import type { Engine } from "../engine.ts";
import { type Answer, type ApiRequest, filtersOf } from "../request.ts";

export async function create(engine: Engine, request: ApiRequest): Promise<Answer> {
  const body = await request.json<CreateBody>();
  const name = request.query.get("name");
  const container = engine.create(name ?? `unnamed-${Math.random().toString(36).slice(2)}`, body);
  return { status: 201, json: { Id: container.id, Warnings: [] } };
}

export async function start(engine: Engine, { name }: ApiRequest): Promise<Answer> {
  const container = engine.container(name);
  if (container.state === "running") return { status: 304 };
  if (container.state === "paused") throw new ApiError(409, "cannot start a paused container, try unpause instead");
  await container.start(engine.healthyAfterMs);
  return { status: 204 };
}

export async function kill(engine: Engine, { name }: ApiRequest): Promise<Answer> {
  const container = engine.container(name);
  if (!container.isUp) throw new ApiError(409, `cannot kill container: ${name}: container ${name} is not running`);
  container.exit(137);
  return { status: 204 };
}

export async function stop(engine: Engine, { name }: ApiRequest): Promise<Answer> {
  const container = engine.container(name);
  if (!container.isUp) return { status: 304 };
  container.exit(143);
  return { status: 204 };
}

export async function pause(engine: Engine, { name }: ApiRequest): Promise<Answer> {
  const container = engine.container(name);
  if (container.state !== "running") throw stateError(engine.dialect, container, "is not running");
  container.pause(engine.dialect.pausedIsUnhealthy);
  return { status: 204 };
}

export async function unpause(engine: Engine, { name }: ApiRequest): Promise<Answer> {
  const container = engine.container(name);
  if (container.state !== "paused") throw stateError(engine.dialect, container, "is not paused");
  container.unpause(engine.healthyAfterMs);
  return { status: 204 };
}

function stateError({ name }: Dialect, { id }: Container, problem: string): ApiError {
  if (name === "podman") return new ApiError(500, `${id} ${problem}: container state improper`);
  return new ApiError(problem === "is not running" ? 409 : 500, `Container ${id} ${problem}`);
}

export async function remove(engine: Engine, { name, query }: ApiRequest): Promise<Answer> {
  const container = engine.container(name);
  const force = isTrue(query.get("force"));
  if (container.isUp && !force) {
    throw new ApiError(
      409,
      `cannot remove container "/${container.name}": container is ${container.state}: stop the container before removing or force remove`,
    );
  }
  await engine.remove(container);
  return { status: 204 };
}

export async function inspect(engine: Engine, { name }: ApiRequest): Promise<Answer> {
  const container = engine.container(name);
  const { state, health, exitCode, createdAtMs, startedAtMs, body } = container;
  const Health = container.hasHealthcheck && health !== "none" ? { Health: { Status: health } } : {};
  return {
    status: 200,
    json: {
      Id: container.id,
      Name: `/${container.name}`,
      Created: new Date(createdAtMs).toISOString(),
      Image: container.image.id,
      State: {
        Status: state,
        Running: container.isUp,
        Paused: state === "paused",
        ExitCode: exitCode,
        StartedAt: new Date(startedAtMs).toISOString(),
        ...Health,
      },
      Config: { ...body, Labels: container.labels, Env: container.environment, Cmd: container.command },
      HostConfig: body.HostConfig ?? {},
      NetworkSettings: { Networks: networksOf(container) },
    },
  };
}

export async function list(engine: Engine, { query }: ApiRequest): Promise<Answer> {
  const all = isTrue(query.get("all"));
  const filters = filtersOf(query);
  const shown = engine.containers.filter((container) => (all || container.isUp) && passes(container, filters));
  return { status: 200, json: shown.map((container) => summary(container, engine.dialect)) };
}

function passes(container: Container, filters: ReadonlyMap<string, readonly string[]>): boolean {
  for (const [filter, values] of filters) {
    switch (filter) {
      case "label": {
        const has = (label: string) => {
          const at = label.indexOf("=");
          if (at < 0) return Object.hasOwn(container.labels, label);
          return container.labels[label.slice(0, at)] === label.slice(at + 1);
        };
        if (!values.every(has)) return false;
        break;
      }
      // A regular expression, as engines have it: part of a name is enough.
      case "name":
        if (!values.some((value) => new RegExp(value).test(`/${container.name}`))) return false;
        break;
      case "health":
        if (!values.includes(container.isUp ? container.health : "none")) return false;
        break;
      case "status":
        if (!values.includes(container.state)) return false;
        break;
      default:
        throw new ApiError(400, `invalid filter '${filter}'`);
    }
  }
  return true;
}

function summary(container: Container, dialect: Dialect): object {
  return {
    Id: container.id,
    Names: [`/${container.name}`],
    Image: container.body.Image,
    ImageID: container.image.id,
    Command: container.command.join(" "),
    Created: Math.floor(container.createdAtMs / 1_000),
    State: container.state,
    Status: statusOf(container, dialect),
    Labels: container.labels,
    Ports: container.ports.map(({ containerPort, hostPort }) => ({
      IP: "127.0.0.1",
      PrivatePort: containerPort,
      PublicPort: hostPort,
      Type: "tcp",
    })),
    HostConfig: { NetworkMode: container.body.HostConfig?.NetworkMode ?? "bridge" },
    NetworkSettings: { Networks: networksOf(container) },
    Mounts: [],
  };
}

function statusOf({ state, health, exitCode }: Container, { statusTellsHealth }: Dialect): string {
  switch (state) {
    case "created":
      return "Created";
    case "exited":
      return `Exited (${exitCode}) 2 seconds ago`;
    case "removing":
      return "Removal In Progress";
    case "paused":
      return "Up 2 seconds (Paused)";
    case "running": {
      if (!statusTellsHealth || health === "none") return "Up 2 seconds";
      return `Up 2 seconds (${health === "starting" ? "health: starting" : health})`;
    }
  }
}

function networksOf({ body, isUp, ip }: Container): object {
  const { NetworkMode = "default" } = body.HostConfig ?? {};
  const name = NetworkMode === "default" ? "bridge" : NetworkMode;
  return { [name]: { IPAddress: isUp && name !== "host" && name !== "none" ? ip : "" } };
}

function isTrue(value: string | null): boolean {
  return value === "1" || value === "true";
}
