import type { Agent } from "node:http";
import process from "node:process";
import { inspect } from "node:util";
import type Docker from "dockerode";
import type { Endpoint } from "./endpoint.js";

/**
 * Docker-modem describes every request in full to its debugger, whether or not there is one: with all that is connected
 * by the agent, that took it 20 ms a request.
 */
function brief(agent: Agent): Agent {
  return Object.assign(agent, { [inspect.custom]: () => "Agent" });
}

/** Loads dockerode, and all that belongs to it, when it is first needed. */
export async function loadDockerode(endpoint: Endpoint): Promise<Docker> {
  const [{ default: Dockerode }, way] = [await import("dockerode"), await wayTo(endpoint)];
  const { DOCKER_HOST } = process.env;
  // It would read this, and files that go with it, for every host, and fail if they aren't there.
  delete process.env["DOCKER_HOST"];
  try {
    return new Dockerode({ pathPrefix: "/", protocol: "http", ...way } as Docker.DockerOptions);
  } finally {
    if (DOCKER_HOST !== undefined) process.env["DOCKER_HOST"] = DOCKER_HOST;
  }
}

/** A connection for each request: one kept open may be cut by the other side just when the next request is sent. */
const keepAlive = false;

async function wayTo(endpoint: Endpoint): Promise<object> {
  switch (endpoint.kind) {
    case "socket": {
      const { Agent } = await import("node:http");
      return { socketPath: endpoint.path, agent: brief(new Agent({ keepAlive })) };
    }
    case "tcp": {
      const { hostname: host, port, tls } = endpoint;
      if (tls === undefined) {
        const { Agent } = await import("node:http");
        return { host, port, agent: brief(new Agent({ keepAlive })) };
      }
      const { Agent } = await import("node:https");
      return { host, port, protocol: "https", ...tls, agent: brief(new Agent({ keepAlive, ...tls })) };
    }
    case "ssh": {
      const { SshAgent } = await import("./ssh-agent.js");
      return { host: endpoint.hostname, port: endpoint.port, agent: brief(new SshAgent(endpoint)) };
    }
  }
}
