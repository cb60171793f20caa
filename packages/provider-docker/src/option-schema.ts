import * as v from "valibot";
import { bytesOf } from "./create-body.js";
import type {
  BuildOptions,
  ContainerLimits,
  ContainerPort,
  DockerOptions,
  DockerParams,
  Healthcheck,
  HostOptions,
  SshOptions,
  TlsOptions,
} from "./options.js";
import { flag, named, options, positive, span, text, texts } from "./schema.js";

const PORT = 'must be a port, from 1 to 65535, such as 80 or "53/udp"';
const port = v.custom<ContainerPort>((value) => /^\d+$|^\d+\/(tcp|udp)$/.test(String(value)) && isPort(value), PORT);
const MEMORY = 'must be bytes, or a number with one of the units b, k, m, g, such as "512m"';
const CPUS = "must be a number above 0";

function isPort(value: unknown): boolean {
  const number = Number.parseInt(String(value), 10);
  return number >= 1 && number <= 65_535;
}

const readyPort = options<{ readonly port: number }>(
  {
    port: v.custom<number>((value) => Number.isInteger(value) && isPort(value), PORT),
  },
  ["port"],
);
const isFunction = v.function("must be { port } or a function");

const buildOptions = options<BuildOptions>({ context: text, dockerfile: text, text, args: named, target: text });

const containerEntries = {
  image: text,
  build: v.union([text, buildOptions], "must be a folder, or { context, dockerfile, text, args, target }"),
  pull: v.picklist(["missing", "always", "never"], 'must be "missing", "always" or "never"'),
  command: texts,
  entrypoint: texts,
  env: named,
  user: text,
  workingDirectory: text,
  ports: v.array(port, "must be an array of ports"),
  limits: options<ContainerLimits>({
    memory: v.custom<number | string>((value) => bytesOf(value) !== undefined, MEMORY),
    cpus: v.pipe(v.number(CPUS), v.gtValue(0, CPUS), v.finite(CPUS)),
    pids: positive,
  }),
  network: text,
  labels: v.pipe(
    named,
    v.check(
      (labels) => !Object.keys(labels).some((name) => name.startsWith("warmpool.")),
      "those that begin with warmpool. are ours",
    ),
  ),
  healthcheck: v.union(
    [
      v.literal(false),
      options<Healthcheck>({ command: texts, interval: span, timeout: span, retries: positive, startPeriod: span }, [
        "command",
      ]),
    ],
    "must be false, or { command, interval, timeout, retries, startPeriod }",
  ),
  createOptions: v.record(v.string(), v.any(), "must be an object"),
  where: named,
};

const host = options<HostOptions>(
  {
    name: text,
    url: text,
    capacity: positive,
    labels: named,
    state: v.picklist(["active", "drained", "broken"], 'must be "active", "drained" or "broken"'),
    address: text,
    publishOn: text,
    tls: options<TlsOptions>({ ca: text, cert: text, key: text }),
    ssh: options<SshOptions>(
      {
        hostKey: v.union([text, v.array(text)], "must be a fingerprint such as SHA256:…, or several"),
        privateKey: text,
        passphrase: text,
        agent: text,
        command: text,
      },
      ["hostKey"],
    ),
  },
  ["name"],
);

/** What `dockerProvider` takes. */
export const dockerOptions = options<DockerOptions>({
  ...containerEntries,
  name: text,
  hosts: v.pipe(v.array(host, "must be an array of hosts"), v.nonEmpty("must not be empty")),
  readyWhen: v.union([readyPort, isFunction], "must be { port } or a function"),
  registry: options<{ readonly username: string; readonly password: string }>(
    {
      username: text,
      password: v.string("must be a text"),
    },
    ["username", "password"],
  ),
  requestTimeout: span,
  settlesWithin: span,
  reset: flag,
});

/** What a pool says. */
export const dockerParams = options<DockerParams>({ ...containerEntries, readyWhen: readyPort });
