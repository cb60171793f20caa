import { randomBytes } from "node:crypto";
import { ApiError } from "./api-error.ts";
import type { Exec } from "./exec.ts";
import type { Image } from "./image.ts";
import { PublishedPort } from "./published-port.ts";

export type State = "created" | "running" | "paused" | "exited" | "removing";
export type HealthState = "none" | "starting" | "healthy" | "unhealthy";

/** The body of `POST /containers/create`, as far as it is understood. */
export interface CreateBody {
  readonly Image?: string;
  readonly Cmd?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | null;
  readonly Env?: readonly string[];
  readonly Labels?: Readonly<Record<string, string>>;
  readonly Healthcheck?: { readonly Test?: readonly string[] };
  readonly HostConfig?: {
    readonly PortBindings?: Readonly<
      Record<string, readonly { readonly HostIp?: string; readonly HostPort?: string }[]>
    >;
    readonly NetworkMode?: string;
    readonly Memory?: number;
    readonly NanoCpus?: number;
    readonly PidsLimit?: number;
  };
  readonly [other: string]: unknown;
}

/** Programs that every image has. What else is asked for is not found when the container starts. */
const PROGRAMS = new Set(["sh", "/bin/sh", "sleep", "true", "false", "nginx", "tail"]);

/** The lowest memory limit that an engine takes, in bytes. */
export const LEAST_MEMORY = 6 * 1_024 * 1_024;

/** A container: what it was made from, and what became of it. Its process is only pretended; execs in it are real. */
export class Container {
  readonly id = randomBytes(32).toString("hex");
  readonly createdAtMs = Date.now();
  readonly name: string;
  readonly body: CreateBody;
  readonly image: Image;
  readonly ip: string;
  readonly execs = new Set<Exec>();
  /** Ports at which its process listens. */
  readonly listening: Set<number>;
  state: State = "created";
  health: HealthState = "none";
  exitCode = 0;
  startedAtMs = 0;
  ports: PublishedPort[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(name: string, body: CreateBody, image: Image, ip: string) {
    this.name = name;
    this.body = body;
    this.image = image;
    this.ip = ip;
    this.listening = new Set(image.listens);
  }

  get labels(): Readonly<Record<string, string>> {
    return { ...this.image.labels, ...this.body.Labels };
  }

  get environment(): string[] {
    return [...this.image.environment, ...(this.body.Env ?? [])];
  }

  get command(): string[] {
    const { Entrypoint, Cmd } = this.body;
    const entrypoint = Entrypoint ?? this.image.entrypoint;
    return [...entrypoint, ...(Cmd ?? (Entrypoint == null ? this.image.command : []))];
  }

  get hasHealthcheck(): boolean {
    const test = this.body.Healthcheck?.Test;
    return test === undefined || test.length === 0 ? this.image.healthcheck : test[0] !== "NONE";
  }

  get isUp(): boolean {
    return this.state === "running" || this.state === "paused";
  }

  /** @param healthyAfterMs How long its health check takes to find it healthy. */
  async start(healthyAfterMs: number): Promise<void> {
    const [program = ""] = this.command;
    if (!PROGRAMS.has(program)) {
      throw new ApiError(
        400,
        `failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: ${JSON.stringify(program)}: executable file not found in $PATH: unknown`,
      );
    }
    await this.#publish();
    this.state = "running";
    this.startedAtMs = Date.now();
    const ends = endOf(this.command);
    // Before the answer, so that nobody sees it running by chance.
    if (ends?.afterMs === 0) {
      this.exit(ends.code);
    } else if (ends !== undefined) {
      this.#later(ends.afterMs, () => this.exit(ends.code));
    } else if (this.hasHealthcheck) {
      this.health = "starting";
      this.#later(healthyAfterMs, () => {
        if (this.health === "starting") this.health = "healthy";
      });
    }
  }

  /** @param isSick Whether who is paused counts as unhealthy. */
  pause(isSick: boolean): void {
    this.state = "paused";
    if (isSick && this.health !== "none") this.health = "unhealthy";
  }

  /** @param healthyAfterMs How long its health check takes to find it healthy again. */
  unpause(healthyAfterMs: number): void {
    this.state = "running";
    if (this.health === "unhealthy") this.#later(healthyAfterMs, () => (this.health = "healthy"));
  }

  /** Its process ends. */
  exit(code: number): void {
    if (!this.isUp) return;
    this.state = "exited";
    this.exitCode = code;
    this.health = "none";
    this.#stopAll();
  }

  remove(): void {
    this.#stopAll();
  }

  async #publish(): Promise<void> {
    const { PortBindings = {} } = this.body.HostConfig ?? {};
    for (const [port, bindings] of Object.entries(PortBindings)) {
      const number = Number.parseInt(port, 10);
      for (const { HostPort = "" } of bindings) {
        try {
          const listens = () => this.state === "running" && this.listening.has(number);
          this.ports.push(await PublishedPort.open(number, Number(HostPort), listens));
        } catch {
          throw new ApiError(
            500,
            `driver failed programming external connectivity on endpoint ${this.name}: Bind for 0.0.0.0:${HostPort} failed: port is already allocated`,
          );
        }
      }
    }
  }

  #later(afterMs: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, afterMs);
    this.#timer.unref();
  }

  #stopAll(): void {
    clearTimeout(this.#timer);
    for (const exec of this.execs) exec.kill();
    for (const port of this.ports) port.close();
    this.ports = [];
  }
}

/** When a process would end by itself, and how; `undefined`: it runs on. */
function endOf([program = "", ...words]: string[]): { code: number; afterMs: number } | undefined {
  if (program === "true") return { code: 0, afterMs: 0 };
  if (program === "false") return { code: 1, afterMs: 0 };
  if (program === "sleep" && /^[\d.]+$/.test(words[0] ?? "")) return { code: 0, afterMs: Number(words[0]) * 1_000 };
  const exit = /^exit (\d+)$/.exec(words[1] ?? "");
  return exit === null ? undefined : { code: Number(exit[1]), afterMs: 0 };
}
