import { ApiError } from "../api-error.ts";
import type { Engine } from "../engine.ts";
import { Exec, type ExecBody } from "../exec.ts";
import type { Answer, ApiRequest } from "../request.ts";

export async function create(engine: Engine, request: ApiRequest): Promise<Answer> {
  const container = engine.container(request.name);
  if (container.state === "paused") {
    throw new ApiError(409, `Container ${container.id} is paused, unpause the container before exec`);
  }
  if (container.state !== "running") throw engine.dialect.execOnStopped(container.id);
  const exec = new Exec(container, await request.json<ExecBody>());
  engine.execs.set(exec.id, exec);
  return { status: 201, json: { Id: exec.id } };
}

export async function start(engine: Engine, request: ApiRequest): Promise<Answer> {
  const exec = find(engine, request.name);
  const { Tty = false } = exec.body;
  await request.json();
  const contentType = Tty ? "application/vnd.docker.raw-stream" : "application/vnd.docker.multiplexed-stream";
  return { contentType, hijack: (connection) => exec.run(connection) };
}

export async function inspect(engine: Engine, { name }: ApiRequest): Promise<Answer> {
  const { id, exitCode, running, container } = find(engine, name);
  return { status: 200, json: { ID: id, ExitCode: exitCode, Running: running, ContainerID: container.id } };
}

export async function resize(engine: Engine, { name, query }: ApiRequest): Promise<Answer> {
  find(engine, name).size = { columns: Number(query.get("w")), rows: Number(query.get("h")) };
  return { status: engine.dialect.resized };
}

function find(engine: Engine, id: string): Exec {
  const exec = engine.execs.get(id);
  if (exec === undefined) throw new ApiError(404, `No such exec instance: ${id}`);
  return exec;
}
