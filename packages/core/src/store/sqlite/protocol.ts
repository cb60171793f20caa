import type { ErrorDetails } from "../../model/error.js";
import type { Rows } from "../rows.js";

/**
 * What the application's thread and the SQLite thread say to each other. Types only: the thread's file must not share
 * code with the rest, so that it can be copied alone by a bundler.
 */

/** Handed to the thread at its start. */
export interface ThreadOptions {
  /** For messages: the path as it was given. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly synchronous: "full" | "normal";
  readonly fsyncDelayMs: number;
}

/** Raises the epoch of a namespace; the first call opens the file and takes its lock. */
export interface OpenRequest {
  readonly type: "open";
  readonly namespace: string;
  /** For a namespace that is new. Without it the answer for such a one is `undefined`. */
  readonly installation: string | undefined;
}

export interface Opened {
  /** The namespace's number in this file. */
  readonly namespace: number;
  readonly epoch: number;
  readonly installation: string;
}

/** The records after a given one, in the order of kind and id. */
export interface LoadRequest {
  readonly type: "load";
  readonly namespace: number;
  readonly afterKind: number;
  readonly afterId: number;
}

export interface Loaded {
  readonly rows: Rows;
  /** Nothing comes after these. */
  readonly last: boolean;
}

export interface CommitRequest {
  readonly type: "commit";
  readonly namespace: number;
  readonly epoch: number;
  readonly number: number;
  readonly rows: Rows;
}

/** Writes back the log, gives up the lock and ends the thread. */
export interface EndRequest {
  readonly type: "end";
}

export type Request = OpenRequest | LoadRequest | CommitRequest | EndRequest;

export interface Answers {
  open: Opened | undefined;
  load: Loaded;
  commit: undefined;
  end: undefined;
}

type StoreCode = "STORE_IN_USE" | "STORE_CORRUPT" | "STORE_TOO_NEW" | "STORE_FAILED" | "FENCED";

/** Why a request was not carried out. */
export type Failure =
  | {
      readonly [Code in StoreCode]: {
        readonly code: Code;
        readonly message: string;
        readonly details: ErrorDetails[Code];
        readonly cause?: unknown;
      };
    }[StoreCode]
  // It may be repeated, and may have happened.
  | { readonly code: "UNCERTAIN"; readonly message: string; readonly cause?: unknown };

export interface Call {
  readonly call: number;
  readonly request: Request;
}

export interface Reply {
  readonly call: number;
  readonly answer?: Answers[Request["type"]];
  readonly failure?: Failure;
}
