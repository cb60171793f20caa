import { unreachable } from "../model/unreachable.js";
import { allocateAnswered } from "./allocating.js";
import type { Answer, Call, ResourceCall } from "./call.js";
import { checkAnswered } from "./checking.js";
import type { Ledger } from "./ledger.js";
import { listAnswered } from "./reaping.js";
import { deleteAnswered, findAnswered } from "./settling.js";
import { proceed, resetAnswered, takeAnswer } from "./tending.js";

/** A provider call was answered: whoever asked for it goes on. */
export function answered(ledger: Ledger, call: Call, answer: Answer): void {
  if (call.kind === "list") listAnswered(ledger, call, answer);
  else resourceAnswered(ledger, call, answer);
}

function resourceAnswered(ledger: Ledger, call: ResourceCall, answer: Answer): void {
  const { kind, resource } = call;
  const counts = takeAnswer(ledger, call, answer);
  if (kind === "allocate") return allocateAnswered(ledger, call, answer, counts);
  if (resource.gone) return;
  if (!counts) return proceed(ledger, resource);
  switch (kind) {
    case "check":
      return checkAnswered(ledger, resource, answer);
    case "reset":
      return resetAnswered(ledger, resource, answer);
    case "delete":
      return deleteAnswered(ledger, resource, answer);
    case "find":
      return findAnswered(ledger, resource, answer);
    default:
      return unreachable(kind);
  }
}
