import type { AllocateRequest, CallContext } from "@warmpool/core";
import { OpenStackError } from "./client/error.js";
import type { NovaServer } from "./client/nova-server.js";
import type { Connection, Connector } from "./connection.js";
import { dataOf, type OpenStackServer } from "./data.js";
import { type Failures, kindOf, kindOfFault } from "./failure.js";
import type { ServerFields } from "./options.js";
import { orderOf } from "./order.js";
import { type Settings, whatIsWrongWith } from "./parse-options.js";
import { type Polling, poll } from "./poll.js";
import { untilReady } from "./ready-when.js";
import { remove } from "./remove.js";
import { BrokenServer, waitForServer } from "./wait-for-server.js";

/** So often a server is looked for whose order was not answered. */
const LOOKS_FOR_LOST = 5;

/** What an allocate works with. */
export interface Allocation {
  readonly connector: Connector;
  readonly settings: Settings;
  readonly failures: Failures;
}

/**
 * Makes a server: one order, ever, as Nova has no token by which it would know a second one. One whose answer is lost is
 * looked for by its key.
 */
export async function allocate(
  allocation: Allocation,
  request: AllocateRequest<ServerFields | void>,
  context: CallContext<OpenStackServer>,
): Promise<OpenStackServer> {
  const { settings, failures } = allocation;
  const { key } = request;
  const what = `allocate of ${key}`;
  const polling = { intervalMs: settings.pollIntervalMs, signal: context.signal };
  const [connection, id] = await order(allocation, request, polling);
  await context.checkpoint(halfMade(id, key));
  try {
    const server = await waitForServer(connection, id, ["runs"], polling);
    const floatingIp = await connection.floatingIps.give(key, id, polling);
    const data = dataOf(server, floatingIp);
    await untilReady(settings.readyWhen, data, polling);
    connection.orders.forget(key);
    return data;
  } catch (error) {
    if (polling.signal.aborted || !isFinal(error)) throw failures.of(what, error);
    // It will never be ready. What is certainly gone again need not keep its place under the cap.
    await remove(connection, key, halfMade(id, key), polling);
    const fault = error instanceof BrokenServer ? error.server?.fault : undefined;
    if (!(error instanceof BrokenServer)) throw failures.of(what, error, "nothing");
    const kind = fault === undefined ? "unknown" : kindOfFault(fault);
    throw failures.make(`${what}: ${error.message}. It was deleted again.`, kind, "nothing");
  }
}

/** Orders the server. Returns its id. */
async function order(
  { connector, settings, failures }: Allocation,
  { key, params, tags }: AllocateRequest<ServerFields | void>,
  polling: Polling,
): Promise<[Connection, string]> {
  const what = `allocate of ${key}`;
  // What leaves later than this could still act when nobody expects it any more.
  const late = AbortSignal.timeout(settings.settlesWithinMs / 2);
  const signal = AbortSignal.any([polling.signal, late]);
  const inTime = (error: unknown) =>
    late.aborted && !polling.signal.aborted
      ? new OpenStackError(`it took longer than ${settings.settlesWithinMs / 2} ms, half of settlesWithin`)
      : error;
  let connection: Connection;
  let body: object;
  let known: NovaServer | undefined;
  try {
    const wrong = whatIsWrongWith(params);
    if (wrong !== undefined) throw failures.make(`${what}: ${wrong}`, "permanent", "nothing");
    connection = await connector.connect();
    body = await orderOf({ ...settings.fields, ...params }, tags, connection.client, connection.directory, signal);
    // Of a key that there is Nova would make a second one.
    [known] = await connection.census.byKey(key, signal);
  } catch (error) {
    throw failures.of(what, inTime(error), "nothing");
  }
  if (known !== undefined)
    throw failures.make(`${what}: there is a server of this key already: ${known.id}`, "unknown");
  try {
    const send = () => connection.client.compute.createServer(body, late);
    return [connection, await connection.orders.send(key, send, signal)];
  } catch (thrown) {
    const error = inTime(thrown);
    if (!(error instanceof OpenStackError)) throw error;
    // A service that refuses says so in the 400s; 408 and what is broken or silent tells nothing.
    const refused = error.unsent || (error.status !== undefined && error.status < 500 && error.status !== 408);
    if (refused) {
      connection.orders.forget(key);
      throw failures.of(what, error, "nothing");
    }
    const lost = await findLost(connection, key, polling);
    if (lost !== undefined) return [connection, lost.id];
    throw failures.of(what, error);
  }
}

/** Looks a few times for a server whose order was not answered. */
async function findLost({ census }: Connection, key: string, polling: Polling): Promise<NovaServer | undefined> {
  let looks = 0;
  const found = await poll(async () => {
    const servers = await census.byKey(key, polling.signal);
    looks += 1;
    return servers.length > 0 || looks === LOOKS_FOR_LOST ? servers : undefined;
  }, polling).catch((error) => {
    polling.signal.throwIfAborted();
    if (error instanceof OpenStackError) return [];
    throw error;
  });
  return found[0];
}

/** Whether waiting any longer is in vain. */
function isFinal(error: unknown): boolean {
  if (error instanceof BrokenServer) return true;
  const kind = kindOf(error);
  return kind === "quota" || kind === "capacity" || kind === "permanent";
}

/** Enough to delete it. */
function halfMade(id: string, key: string): OpenStackServer {
  return { id, name: key, address: null, addresses: [], zone: null, createdAt: null, volumes: [] };
}
