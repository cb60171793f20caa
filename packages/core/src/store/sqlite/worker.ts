import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { openingFailure, workingFailure } from "./failure.js";
import type { Answers, Call, Failure, Reply, Request, ThreadOptions } from "./protocol.js";
import { StoreFile } from "./store-file.js";

/**
 * The thread that SQLite runs in: it answers one request after the other, in the order they were sent. Nothing of it
 * is imported by the application's thread, only its file is named there.
 */
const options = workerData as ThreadOptions;
const port = parentPort as MessagePort;
let file: StoreFile | undefined;

port.on("message", ({ call, request }: Call) => {
  let reply: Reply;
  try {
    reply = { call, answer: carryOut(request) };
  } catch (error) {
    reply = { call, failure: failure(request, error) };
  }
  port.postMessage(reply);
  if (request.type === "end") port.close();
});

function carryOut(request: Request): Answers[Request["type"]] {
  if (request.type === "end") {
    file?.close();
    file = undefined;
    return;
  }
  if (request.type === "open") {
    file ??= new StoreFile(options);
    return file.open(request);
  }
  if (file === undefined) throw new Error("The file is not open.");
  return request.type === "load" ? file.load(request) : file.commit(request);
}

function failure(request: Request, error: unknown): Failure {
  return request.type === "open" ? openingFailure(error, options.name) : workingFailure(error, options.name);
}
