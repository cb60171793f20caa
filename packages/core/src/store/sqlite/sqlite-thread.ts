import { Worker } from "node:worker_threads";
import { WarmpoolError } from "../../model/error.js";
import type { Answers, Call, Failure, Reply, Request, ThreadOptions } from "./protocol.js";

interface Waiting {
  resolve(answer: never): void;
  reject(error: unknown): void;
}

/**
 * The thread that SQLite runs in, seen from the application's: a started thread is running until it is ended, and
 * ends for all its namespaces at once. It keeps the process alive only while somebody waits for an answer.
 */
export class SqliteThread {
  /** The namespaces that are open in it. */
  readonly namespaces = new Set<string>();
  readonly #name: string;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #calls = 0;
  #ending = false;
  #death: WarmpoolError<"STORE_FAILED"> | undefined;
  #crash: unknown;

  constructor(file: URL, options: ThreadOptions) {
    this.#name = options.name;
    this.#worker = new Worker(file, {
      name: `warmpool sqlite ${options.name}`,
      workerData: options,
      // Node 22 calls its SQLite experimental, once a process; there is nothing the reader could do about it. Only
      // this thread is silenced. Flags of the process (loaders, inspectors) are none of its business.
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    this.#worker.on("message", (reply: Reply) => this.#answer(reply));
    this.#worker.on("messageerror", (error) => {
      // An answer that cannot be read has a caller that would wait for it for ever.
      this.#crash = error;
      void this.#worker.terminate();
    });
    this.#worker.on("error", (error) => {
      this.#crash = error;
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.on("exit", (code) => {
        this.#die(code);
        resolve();
      });
    });
    this.#worker.unref();
  }

  /** It was ended, or died: it takes no calls any more. */
  get over(): boolean {
    return this.#ending || this.#death !== undefined;
  }

  /**
   * Asks the thread. Requests are carried out in the order of these calls.
   *
   * @throws {WarmpoolError} what the request says; `STORE_FAILED` when the thread dies.
   * @throws {Error} when the outcome is not known and the request may be repeated.
   */
  call<Type extends Request["type"]>(request: Extract<Request, { type: Type }>): Promise<Answers[Type]> {
    return new Promise((resolve, reject) => {
      if (this.#death !== undefined) return reject(this.#death);
      const call = ++this.#calls;
      this.#worker.postMessage({ call, request } satisfies Call);
      if (this.#waiting.size === 0) this.#worker.ref();
      this.#waiting.set(call, { resolve, reject });
    });
  }

  /** Lets it finish what it was asked, give the lock up and end. Idempotent; resolves when the thread is gone. */
  async end(): Promise<void> {
    if (!this.over) {
      this.#ending = true;
      // If it dies instead, the lock is free as well.
      await this.call<"end">({ type: "end" }).catch(() => undefined);
    }
    this.#worker.ref();
    await this.#exited;
  }

  /** Resolves when the thread is gone, for whatever reason. */
  get exited(): Promise<void> {
    return this.#exited;
  }

  #answer({ call, answer, failure }: Reply): void {
    const waiting = this.#waiting.get(call);
    if (waiting === undefined) return;
    this.#waiting.delete(call);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (failure === undefined) waiting.resolve(answer as never);
    else waiting.reject(errorOf(failure));
  }

  #die(code: number): void {
    const why = this.#crash instanceof Error ? this.#crash.message : `exit code ${code}`;
    this.#death = new WarmpoolError(
      "STORE_FAILED",
      `sqlite ${this.#name}: its thread has ended (${why}), and whether commits under way happened is not known. Open the store anew.`,
      { details: { store: `sqlite ${this.#name}` }, cause: this.#crash },
    );
    for (const { reject } of this.#waiting.values()) reject(this.#death);
    this.#waiting.clear();
  }
}

function errorOf(failure: Failure): Error {
  const { code, message, cause } = failure;
  if (code === "UNCERTAIN") return new Error(message, { cause });
  return new WarmpoolError(code, message, { details: failure.details, cause });
}
