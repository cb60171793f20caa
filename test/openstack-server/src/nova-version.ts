import { novaRefusal, Refusal } from "./answer.js";
import type { Call } from "./call.js";
import type { Control } from "./control.js";

/** The microversion that a request is answered at. */
export class Version {
  readonly minor: number;

  constructor(minor: number) {
    this.minor = minor;
  }

  isAtLeast(major: number, minor: number): boolean {
    return major === 2 && this.minor >= minor;
  }
}

/** @throws {Refusal} 406: Nova doesn't know it; 400: it is none. */
export function versionOf({ headers }: Call, { microversions }: Control): Version {
  if (microversions.newest === "") return new Version(1);
  const [, named] = /^compute (.+)$/.exec(String(headers["openstack-api-version"] ?? "")) ?? [];
  const asked = named ?? headers["x-openstack-nova-api-version"] ?? microversions.oldest;
  const match = /^2\.(\d+)$/.exec(String(asked));
  if (match === null) throw novaRefusal(400, `API Version String ${String(asked)} is of invalid format.`);
  const minor = Number(match[1]);
  if (minor > minorOf(microversions.newest) || minor < minorOf(microversions.oldest)) {
    const { oldest, newest } = microversions;
    const message = `Version ${String(asked)} is not supported by the API. Minimum is ${oldest} and maximum is ${newest}.`;
    throw new Refusal({ status: 406, body: { notAcceptable: { code: 406, message } } });
  }
  return new Version(minor);
}

function minorOf(version: string): number {
  return Number(version.split(".")[1]);
}
