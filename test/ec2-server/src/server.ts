import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { rebootInstances, startInstances, stopInstances, terminateInstances } from "./change-instances.js";
import { Cloud } from "./cloud.js";
import { describeInstanceStatus, describeInstances } from "./describe-instances.js";
import { describeImages, describeKeyPairs, describeSubnets } from "./describe-offers.js";
import { Fault } from "./fault.js";
import { Query } from "./query.js";
import { createReplaceRootVolumeTask, describeReplaceRootVolumeTasks } from "./root-volume.js";
import { runInstances } from "./run-instances.js";
import { Bucket } from "./throttle.js";
import { toXml, type Xml } from "./xml.js";

const ACTIONS: Readonly<Record<string, (cloud: Cloud, query: Query) => Xml>> = {
  RunInstances: runInstances,
  DescribeInstances: describeInstances,
  DescribeInstanceStatus: describeInstanceStatus,
  TerminateInstances: terminateInstances,
  StopInstances: stopInstances,
  StartInstances: startInstances,
  RebootInstances: rebootInstances,
  CreateReplaceRootVolumeTask: createReplaceRootVolumeTask,
  DescribeReplaceRootVolumeTasks: describeReplaceRootVolumeTasks,
  DescribeImages: describeImages,
  DescribeKeyPairs: describeKeyPairs,
  DescribeSubnets: describeSubnets,
};

const NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/";

/** A call that came in, and how it was answered. */
export interface Seen {
  readonly action: string;
  readonly query: Query;
  /** The code of the fault that it was refused with. */
  readonly fault: string | undefined;
}

/** A running server. Its account has the access key `AKIDTEST`. */
export interface Ec2Server {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly cloud: Cloud;
  /** Everything that was asked so far, in order. */
  readonly seen: readonly Seen[];
  /** Ends it, and the connections to it. */
  close(): Promise<void>;
  /** Stops listening and cuts all connections; the cloud lives on. */
  unplug(): Promise<void>;
  /** Listens again, at the same address. */
  plug(): Promise<void>;
}

/** @param port Default: any that is free. */
export async function startEc2Server(port = 0): Promise<Ec2Server> {
  const cloud = new Cloud();
  const seen: Seen[] = [];
  const buckets = new Map<string, Bucket>();
  let server = create();
  const listen = (at: number) =>
    new Promise<void>((resolve, reject) => server.once("error", reject).listen(at, "127.0.0.1", resolve));
  await listen(port);
  const bound = (server.address() as AddressInfo).port;

  function create(): Server {
    return createServer((request, response) => void answer(request, response, { cloud, seen, buckets }));
  }
  const unplug = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${bound}`,
    cloud,
    seen,
    unplug,
    close: unplug,
    async plug() {
      server = create();
      await listen(bound);
    },
  };
}

interface Desk {
  readonly cloud: Cloud;
  readonly seen: Seen[];
  readonly buckets: Map<string, Bucket>;
}

async function answer(request: IncomingMessage, response: ServerResponse, desk: Desk): Promise<void> {
  let body = "";
  try {
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
  } catch {
    // Whoever asked went away before he had said what.
    return;
  }
  const query = Query.parse(body);
  const action = query.text("Action") ?? "";
  const mishap = desk.cloud.weather.mishap(action);
  if (mishap?.kind === "cut") return void request.socket.destroy();
  const requestId = randomUUID();
  let [status, content, fault]: [number, string, string | undefined] = [200, "", undefined];
  try {
    if (mishap?.kind === "refuse") throw mishap.fault;
    content = `<${action}Response xmlns="${NAMESPACE}">${toXml({ requestId, ...act(request, action, query, desk) })}</${action}Response>`;
  } catch (error) {
    const refusal = error instanceof Fault ? error : new Fault("InternalError", String(error), 500);
    const { code, message } = refusal;
    [status, fault] = [refusal.status, code];
    content = `<Response><Errors><Error>${toXml({ Code: code, Message: message })}</Error></Errors><RequestID>${requestId}</RequestID></Response>`;
  }
  desk.seen.push({ action, query, fault });
  if (mishap?.kind === "lose") return void request.socket.destroy();
  if (mishap?.kind === "delay") await sleep(mishap.ms);
  response
    .writeHead(status, { "content-type": "text/xml;charset=UTF-8", "x-amzn-requestid": requestId })
    .end(`<?xml version="1.0" encoding="UTF-8"?>\n${content}`);
}

function act(
  request: IncomingMessage,
  action: string,
  query: Query,
  { cloud, buckets }: Desk,
): { readonly [name: string]: Xml } {
  const credential = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/[^/]+\/ec2\/aws4_request,/.exec(
    request.headers.authorization ?? "",
  );
  if (credential === null)
    throw new Fault("MissingAuthenticationToken", "Request is missing Authentication Token", 403);
  if (credential[1] !== "AKIDTEST")
    throw new Fault("AuthFailure", "AWS was not able to validate the provided access credentials", 401);
  const throttle = cloud.weather.throttles[action];
  if (throttle !== undefined && !bucketOf(action, buckets).take(throttle, cloud.now())) {
    throw new Fault("RequestLimitExceeded", "Request limit exceeded.", 503);
  }
  const run = ACTIONS[action];
  if (run === undefined) throw new Fault("InvalidAction", `The action ${action} is not valid for this web service.`);
  return run(cloud, query) as { readonly [name: string]: Xml };
}

function bucketOf(action: string, buckets: Map<string, Bucket>): Bucket {
  const bucket = buckets.get(action) ?? new Bucket();
  buckets.set(action, bucket);
  return bucket;
}
