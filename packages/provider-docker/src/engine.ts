import type { Duplex } from "node:stream";
import type Docker from "dockerode";
import { unlessAborted } from "./abort.js";
import { describeEndpoint, type Endpoint } from "./endpoint.js";
import { EngineFailure, TookTooLong } from "./failure.js";
import { KEY_LABEL } from "./labels.js";
import { loadDockerode } from "./load-dockerode.js";
import { type HealthCheckState, type Sighting, sightingOf } from "./sighting.js";

/** How long an engine may still take for something that must not be cut off in the middle, after the call was aborted. */
const AFTER_ABORT_MS = 20_000;

/** Registry and credentials, as the engine wants them. */
export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
}

/** A line of what a pull or build reports. */
interface Progress {
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

/** The requests to one host's engine. Each rejects with an `EngineFailure`, or for the reason that its signal aborted. */
export class Engine {
  readonly #endpoint: Endpoint;
  readonly #timeoutMs: number;
  readonly #redact: (text: string) => string;
  #loaded: Promise<Docker> | undefined;
  #podman: Promise<boolean> | undefined;

  constructor(endpoint: Endpoint, timeoutMs: number, redact: (text: string) => string) {
    this.#endpoint = endpoint;
    this.#timeoutMs = timeoutMs;
    this.#redact = redact;
  }

  /** All containers of ours, whatever their state. */
  async list(signal: AbortSignal): Promise<Sighting[]> {
    const filters = { label: [KEY_LABEL] };
    const all = await this.#ask(signal, (docker, abortSignal) =>
      docker.listContainers({ all: true, filters, abortSignal }),
    );
    const seen = all.flatMap((info) => sightingOf(info) ?? []);
    return seen.length > 0 && (await this.#isPodman(signal)) ? await this.#withHealth(seen, signal) : seen;
  }

  /** Podman's listing doesn't say how healthy a container is, but can be asked for those that are or are not. */
  async #withHealth(seen: readonly Sighting[], signal: AbortSignal): Promise<Sighting[]> {
    const idsOf = async (health: HealthCheckState) => {
      const filters = { label: [KEY_LABEL], health: [health] };
      const some = await this.#ask(signal, (docker, abortSignal) =>
        docker.listContainers({ all: true, filters, abortSignal }),
      );
      return new Set(some.map(({ Id }) => Id));
    };
    const [starting, unhealthy] = [await idsOf("starting"), await idsOf("unhealthy")];
    return seen.map((sighting) => {
      const health = starting.has(sighting.id)
        ? "starting"
        : unhealthy.has(sighting.id)
          ? "unhealthy"
          : sighting.health;
      return { ...sighting, health };
    });
  }

  async #isPodman(signal: AbortSignal): Promise<boolean> {
    this.#podman ??= this.#ask(signal, (docker) => docker.version()).then(({ Components }) =>
      (Components ?? []).some(({ Name }) => Name.startsWith("Podman")),
    );
    try {
      return await this.#podman;
    } catch (error) {
      this.#podman = undefined;
      throw error;
    }
  }

  /**
   * Makes a container. Once it was asked for, it is not cut off: whoever aborted wants to know what became of it.
   *
   * @returns Its id.
   */
  async create(name: string, body: object, signal: AbortSignal): Promise<string> {
    // Given separately: dockerode would write the body, with all variables, into the address as well.
    const options = { _query: { name }, _body: body } as Docker.ContainerCreateOptions;
    const { id } = await this.#finish(signal, (docker) => docker.createContainer(options));
    return id;
  }

  async start(id: string, signal: AbortSignal): Promise<void> {
    await this.#finish(signal, (docker) => docker.getContainer(id).start());
  }

  /** Removes a container with its anonymous volumes, whether or not it runs. That it is gone is success. */
  async remove(id: string, signal: AbortSignal): Promise<void> {
    // Docker's force is SIGKILL. Podman's is SIGTERM first, which much of what runs as a container's first process
    // ignores, and SIGKILL after ten seconds.
    if (await this.#isPodman(signal)) {
      await this.#finish(signal, (docker) => docker.getContainer(id).kill({ signal: "SIGKILL" })).catch(() => {});
    }
    await this.#finish(signal, (docker) => docker.getContainer(id).remove({ force: true, v: true })).catch(
      (failure) => {
        if (!(failure instanceof EngineFailure && failure.isGone)) throw failure;
      },
    );
  }

  async pause(id: string, signal: AbortSignal): Promise<void> {
    await this.#ask(signal, (docker, abortSignal) => docker.getContainer(id).pause({ abortSignal }));
  }

  async unpause(id: string, signal: AbortSignal): Promise<void> {
    await this.#ask(signal, (docker, abortSignal) => docker.getContainer(id).unpause({ abortSignal }));
  }

  async hasImage(reference: string, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#ask(signal, (docker) => docker.getImage(reference).inspect());
      return true;
    } catch (failure) {
      if (failure instanceof EngineFailure && failure.status === 404) return false;
      throw failure;
    }
  }

  /** Resolves when the image is there: that may take minutes. */
  async pull(reference: string, login: RegistryLogin | undefined, signal: AbortSignal): Promise<void> {
    await this.#follow(signal, (docker, abortSignal) =>
      docker.pull(reference, {
        abortSignal,
        ...(login && { authconfig: { ...login, serveraddress: registryOf(reference) } }),
      }),
    );
  }

  /** Resolves when the image is there: that may take minutes. */
  async build(context: NodeJS.ReadableStream, options: Docker.ImageBuildOptions, signal: AbortSignal): Promise<void> {
    await this.#follow(signal, (docker, abortSignal) => docker.buildImage(context, { ...options, abortSignal }));
  }

  async createExec(id: string, options: Docker.ExecCreateOptions, signal: AbortSignal): Promise<string> {
    const exec = await this.#ask(signal, (docker, abortSignal) =>
      docker.getContainer(id).exec({ ...options, abortSignal }),
    );
    return exec.id;
  }

  /** Starts what `createExec` made: its streams are the connection itself. */
  async startExec(execId: string, tty: boolean, stdin: boolean, signal: AbortSignal): Promise<Duplex> {
    return await this.#ask(signal, (docker) => docker.getExec(execId).start({ hijack: true, stdin, Tty: tty }));
  }

  /** `undefined`: it still runs. */
  async exitCodeOf(execId: string, signal: AbortSignal): Promise<number | undefined> {
    const { Running, ExitCode } = await this.#ask(signal, (docker) => docker.getExec(execId).inspect());
    return Running ? undefined : (ExitCode ?? undefined);
  }

  async resizeExec(execId: string, columns: number, rows: number, signal: AbortSignal): Promise<void> {
    await this.#ask(signal, async (docker) => {
      try {
        await docker.getExec(execId).resize({ w: columns, h: rows });
      } catch (error) {
        // Podman's success, which dockerode does not know.
        if ((error as { readonly statusCode?: number }).statusCode !== 201) throw error;
      }
    });
  }

  /** Takes a stream without terminal apart. */
  async demux(stream: Duplex, stdout: NodeJS.WritableStream, stderr: NodeJS.WritableStream): Promise<void> {
    (await this.#docker()).modem.demuxStream(stream, stdout, stderr);
  }

  /** A request that may be cut off. */
  #ask<Result>(
    signal: AbortSignal,
    ask: (docker: Docker, abortSignal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    return this.#within(AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs)]), signal, ask);
  }

  /** A request that changes something, and so is heard to its end: an abort only sets it a deadline. */
  async #finish<Result>(signal: AbortSignal, ask: (docker: Docker) => Promise<Result>): Promise<Result> {
    signal.throwIfAborted();
    const late = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const setDeadline = () => {
      timer = setTimeout(() => late.abort(), AFTER_ABORT_MS);
      timer.unref();
    };
    signal.addEventListener("abort", setDeadline, { once: true });
    try {
      const deadline = AbortSignal.any([late.signal, AbortSignal.timeout(this.#timeoutMs)]);
      return await this.#within(deadline, undefined, ask);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", setDeadline);
    }
  }

  /** @param signal Of the caller, who hears its own reason; what else aborts is that the host took too long. */
  async #within<Result>(
    deadline: AbortSignal,
    signal: AbortSignal | undefined,
    ask: (docker: Docker, abortSignal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    try {
      const docker = await this.#docker();
      // Dockerode's promises may never settle: an answer that was cut off in the middle, for one.
      return await unlessAborted(ask(docker, deadline), deadline);
    } catch (error) {
      signal?.throwIfAborted();
      throw new EngineFailure(
        deadline.aborted ? new TookTooLong(`no answer within ${this.#timeoutMs} ms`) : error,
        this.#redact,
      );
    }
  }

  /** A request whose answer is a report of what goes on, and in the end of what went wrong. */
  async #follow(
    signal: AbortSignal,
    ask: (docker: Docker, abortSignal: AbortSignal) => Promise<NodeJS.ReadableStream>,
  ): Promise<void> {
    const follow = async (docker: Docker, abortSignal: AbortSignal) => {
      const report = await ask(docker, abortSignal);
      let rest = "";
      for await (const chunk of report) {
        const lines = (rest + String(chunk)).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) assertNoError(line);
      }
      assertNoError(rest);
    };
    await this.#within(signal, signal, follow);
  }

  #docker(): Promise<Docker> {
    this.#loaded ??= loadDockerode(this.#endpoint);
    return this.#loaded;
  }

  toString(): string {
    return describeEndpoint(this.#endpoint);
  }
}

function assertNoError(line: string): void {
  if (line.trim() === "") return;
  let event: Progress;
  try {
    event = JSON.parse(line) as Progress;
  } catch {
    return;
  }
  const problem = event.errorDetail?.message ?? event.error;
  // It comes with status 200, after the report had begun: there is no other.
  if (problem !== undefined) throw Object.assign(new Error(problem), { statusCode: 500 });
}

function registryOf(reference: string): string {
  const [first = "", ...more] = reference.split("/");
  return more.length > 0 && /[.:]|^localhost$/.test(first) ? first : "https://index.docker.io/v1/";
}
