import { WarmpoolError } from "../../model/error.js";
import type { Address } from "./address.js";
import { PROTOCOL, type Welcome } from "./hello.js";

/** Nobody can listen there. */
export function listenFailed({ path }: Address, problem: string, cause?: unknown): WarmpoolError<"LISTEN_FAILED"> {
  return new WarmpoolError("LISTEN_FAILED", `Nobody can listen at ${path}: ${problem}.`, { details: { path }, cause });
}

/** Nobody answers there, or not to us. */
export function connectFailed({ path }: Address, problem: string, cause?: unknown): WarmpoolError<"CONNECT_FAILED"> {
  return new WarmpoolError("CONNECT_FAILED", `Cannot connect to ${path}: ${problem}.`, { details: { path }, cause });
}

/** What a listener meant by refusing us. */
export function refusal(address: Address, welcome: Welcome & { refused: string }): WarmpoolError {
  if (welcome.refused !== "protocol") {
    return connectFailed(
      address,
      "the listener does not accept the token; it may have been started anew just now: try again",
    );
  }
  const { path } = address;
  const theirs = welcome.warmpool;
  const older = theirs < PROTOCOL ? "the listener's process" : "this process";
  const message = `The listener at ${path} speaks protocol ${theirs}, and this process ${PROTOCOL}: update @warmpool/core of ${older}.`;
  return new WarmpoolError("PROTOCOL_MISMATCH", message, { details: { found: theirs, supported: PROTOCOL } });
}
