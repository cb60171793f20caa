/** What EC2, or the way to it, said: the `cause` of a `ProviderError`. It holds nothing that must stay secret. */
export class Ec2Error extends Error {
  /** EC2's own code (`InsufficientInstanceCapacity`), the SDK's (`CredentialsProviderError`) or the system's (`ECONNRESET`). */
  readonly code: string;
  /** Of HTTP; `undefined`: there was no answer. */
  readonly status: number | undefined;
  /** What AWS support asks for. */
  readonly requestId: string | undefined;

  constructor(
    code: string,
    message: string,
    answer: { status?: number | undefined; requestId?: string | undefined } = {},
  ) {
    super(message);
    this.name = "Ec2Error";
    this.code = code;
    this.status = answer.status;
    this.requestId = answer.requestId;
  }
}

interface SdkError {
  readonly name?: string;
  readonly code?: unknown;
  readonly errors?: readonly SdkError[];
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

/**
 * What the SDK threw, without what hangs on it: its errors carry the answer with its headers, and a refused signature is
 * explained with the whole request, session token and all.
 */
export function toEc2Error(error: unknown, redact: (text: string) => string): Ec2Error {
  if (error instanceof Ec2Error) return error;
  const { name, code, errors, $metadata } = (typeof error === "object" && error !== null ? error : {}) as SdkError;
  const message = error instanceof Error && error.message !== "" ? error.message : String(error);
  if ($metadata?.httpStatusCode !== undefined) {
    const { httpStatusCode: status, requestId } = $metadata;
    return new Ec2Error(name ?? "UnknownError", redact(message), { status, requestId });
  }
  // One that tried several addresses has an error for each.
  const systemCode = [error as SdkError, ...(errors ?? [])]
    .map((each) => each?.code)
    .find((each) => typeof each === "string");
  return new Ec2Error((systemCode ?? code ?? name ?? "UnknownError") as string, redact(message));
}
