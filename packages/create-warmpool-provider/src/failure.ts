/** What can go wrong, by its name: it never changes its meaning. */
export type FailureCode = "FOLDER_NOT_EMPTY" | "NAME_INVALID" | "NAME_MISSING" | "USAGE" | "WRITE_FAILED";

/** Something that whoever called can mend; its message says how. */
export class Failure extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
