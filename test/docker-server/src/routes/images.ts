import { once } from "node:events";
import { extract } from "tar-stream";
import { ApiError } from "../api-error.ts";
import type { Engine } from "../engine.ts";
import type { Published } from "../image.ts";
import type { Answer, ApiRequest } from "../request.ts";

export async function inspect(engine: Engine, { name }: ApiRequest): Promise<Answer> {
  const { id, tags } = engine.image(name);
  return { status: 200, json: { Id: id, RepoTags: tags } };
}

export async function pull(engine: Engine, { http, query }: ApiRequest): Promise<Answer> {
  const tag = query.get("tag");
  const from = query.get("fromImage") ?? "";
  const joint = tag?.startsWith("sha256:") ? "@" : ":";
  const reference = tag === null || tag === "" || tag === "undefined" ? from : `${from}${joint}${tag}`;
  const published = engine.published(reference);
  const denied = `pull access denied for ${from}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`;
  if (published === undefined) throw new ApiError(404, denied);
  if (published.login !== undefined && !isLogin(http.headers["x-registry-auth"], published.login)) {
    throw new ApiError(404, denied);
  }
  return {
    status: 200,
    async write(response) {
      response.write(`${JSON.stringify({ status: `Pulling from ${from}`, id: tag })}\r\n`);
      engine.addImage(reference, published);
      response.write(`${JSON.stringify({ status: `Status: Downloaded newer image for ${reference}` })}\r\n`);
    },
  };
}

function isLogin(header: string | string[] | undefined, login: NonNullable<Published["login"]>): boolean {
  if (typeof header !== "string") return false;
  const given = JSON.parse(Buffer.from(header, "base64url").toString("utf8"));
  return given.username === login.username && given.password === login.password;
}

export async function build(engine: Engine, { http, query }: ApiRequest): Promise<Answer> {
  const files = await readTar(http);
  const path = query.get("dockerfile") ?? "Dockerfile";
  const dockerfile = files.get(path);
  if (dockerfile === undefined) throw new ApiError(500, `Cannot locate specified Dockerfile: ${path}`);
  const lines = dockerfile.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
  return {
    status: 200,
    async write(response) {
      const say = (event: object) => response.write(`${JSON.stringify(event)}\r\n`);
      for (const [index, line] of lines.entries()) {
        say({ stream: `Step ${index + 1}/${lines.length} : ${line}` });
        const problem = problemOf(line, engine, files);
        if (problem !== undefined) return void say({ errorDetail: { message: problem }, error: problem });
      }
      engine.builds += 1;
      for (const tag of query.getAll("t")) engine.addImage(tag, imageOf(lines));
      say({ stream: "Successfully built\n" });
    },
  };
}

function problemOf(line: string, engine: Engine, files: ReadonlyMap<string, string>): string | undefined {
  const [instruction = "", ...words] = line.split(/\s+/);
  if (instruction === "FROM" && words[0] !== "scratch" && !engine.hasImage(words[0] ?? "")) {
    return `pull access denied for ${words[0]}, repository does not exist`;
  }
  if (instruction === "COPY" && words[0] !== "." && !files.has(words[0] ?? "")) {
    return `COPY failed: file not found in build context: ${words[0]}`;
  }
  if (instruction === "RUN" && words[0] === "false") {
    return "The command '/bin/sh -c false' returned a non-zero code: 1";
  }
  return undefined;
}

function imageOf(lines: readonly string[]): Published {
  const after = (instruction: string) => {
    return lines.findLast((line) => line.startsWith(`${instruction} `))?.slice(instruction.length + 1);
  };
  const command = after("CMD");
  return {
    ...(command !== undefined && { command: command.startsWith("[") ? JSON.parse(command) : ["sh", "-c", command] }),
    healthcheck: after("HEALTHCHECK") !== undefined,
    listens: lines.flatMap((line) => (line.startsWith("EXPOSE ") ? [Number.parseInt(line.slice(7), 10)] : [])),
  };
}

async function readTar(stream: NodeJS.ReadableStream): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const reader = extract();
  reader.on("entry", ({ type, name }, content, next) => {
    const chunks: Buffer[] = [];
    content.on("data", (chunk: Buffer) => chunks.push(chunk));
    content.on("end", () => {
      if (type === "file") files.set(name.replace(/^\.\//, ""), Buffer.concat(chunks).toString());
      next();
    });
  });
  stream.pipe(reader);
  await once(reader, "finish");
  return files;
}
