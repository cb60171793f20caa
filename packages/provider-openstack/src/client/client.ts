import type { Cloud } from "./cloud.js";
import { Compute } from "./compute.js";
import { Images } from "./image.js";
import { Network } from "./network.js";
import { Session } from "./session.js";
import { Volume } from "./volume.js";

/** The services of a cloud. */
export interface Client {
  readonly compute: Compute;
  readonly network: Network;
  readonly volume: Volume;
  readonly images: Images;
}

/** @param timeoutMs Longest that one request may take, in milliseconds. */
export function openClient(cloud: Cloud, timeoutMs: number): Client {
  const session = new Session(cloud, timeoutMs);
  return {
    compute: new Compute(session),
    network: new Network(session),
    volume: new Volume(session),
    images: new Images(session),
  };
}
