/** A refusal, as EC2 words it. */
export class Fault extends Error {
  readonly code: string;
  readonly status: number;

  /** @param status Of HTTP. Default: 400. */
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = "Fault";
    this.code = code;
    this.status = status;
  }
}

export function notFound(kind: string, id: string): Fault {
  return new Fault(`Invalid${kind}.NotFound`, `The ${kind} '${id}' does not exist`);
}
