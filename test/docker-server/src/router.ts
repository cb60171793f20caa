import { ApiError } from "./api-error.ts";
import type { Engine } from "./engine.ts";
import type { Operation } from "./faults.ts";
import type { Answer, ApiRequest } from "./request.ts";
import * as containers from "./routes/containers.ts";
import * as execs from "./routes/execs.ts";
import * as images from "./routes/images.ts";

type Handler = (engine: Engine, request: ApiRequest) => Promise<Answer>;

interface Route {
  readonly operation: Operation;
  readonly method: string;
  readonly path: RegExp;
  readonly handle: Handler;
}

const route = (operation: Operation, method: string, path: RegExp, handle: Handler): Route => {
  return { operation, method, path, handle };
};

const ROUTES: readonly Route[] = [
  route("ping", "GET", /^\/_ping$/, async () => ({ status: 200 })),
  route("ping", "HEAD", /^\/_ping$/, async () => ({ status: 200 })),
  route("version", "GET", /^\/version$/, async ({ dialect }) => ({ status: 200, json: dialect.version })),
  route("list", "GET", /^\/containers\/json$/, containers.list),
  route("create", "POST", /^\/containers\/create$/, containers.create),
  route("inspect", "GET", /^\/containers\/([^/]+)\/json$/, containers.inspect),
  route("start", "POST", /^\/containers\/([^/]+)\/start$/, containers.start),
  route("kill", "POST", /^\/containers\/([^/]+)\/kill$/, containers.kill),
  route("stop", "POST", /^\/containers\/([^/]+)\/stop$/, containers.stop),
  route("pause", "POST", /^\/containers\/([^/]+)\/pause$/, containers.pause),
  route("unpause", "POST", /^\/containers\/([^/]+)\/unpause$/, containers.unpause),
  route("remove", "DELETE", /^\/containers\/([^/]+)$/, containers.remove),
  route("exec-create", "POST", /^\/containers\/([^/]+)\/exec$/, execs.create),
  route("exec-start", "POST", /^\/exec\/([^/]+)\/start$/, execs.start),
  route("exec-inspect", "GET", /^\/exec\/([^/]+)\/json$/, execs.inspect),
  route("exec-resize", "POST", /^\/exec\/([^/]+)\/resize$/, execs.resize),
  route("image-inspect", "GET", /^\/images\/(.+)\/json$/, images.inspect),
  route("pull", "POST", /^\/images\/create$/, images.pull),
  route("build", "POST", /^\/build$/, images.build),
];

/** The route of a request, whatever version of the API its path names. @throws {ApiError} 404. */
export function routeOf(method: string, path: string): { operation: Operation; handle: Handler; name: string } {
  const unversioned = path.replace(/^\/v\d+\.\d+(?=\/)/, "");
  for (const { method: wanted, path: pattern, operation, handle } of ROUTES) {
    const match = method === wanted ? pattern.exec(unversioned) : null;
    if (match !== null) return { operation, handle, name: decodeURIComponent(match[1] ?? "") };
  }
  throw new ApiError(404, "page not found");
}
