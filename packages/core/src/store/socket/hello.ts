/** What both sides speak. Raised when they would misunderstand each other otherwise. */
export const PROTOCOL = 1;

/** Longest first line of somebody who has not shown a token, in characters. */
export const LONGEST_HELLO = 4_096;

/** What a client says first. */
export interface Hello {
  /** The protocol that it speaks. */
  readonly warmpool: number;
  readonly token: string;
  readonly session: string;
  /** Its process: whether that lives is known without asking it. */
  readonly pid: number;
}

/** What a listener answers. */
export type Welcome =
  | { readonly warmpool: number; readonly welcome: true }
  | { readonly warmpool: number; readonly refused: "protocol" | "token" };

/** The hello of a line, or `undefined`: then it is somebody else's conversation. */
export function parseHello(line: string): Hello | undefined {
  const hello = parsed(line) as Partial<Hello> | undefined;
  if (typeof hello !== "object" || hello === null) return undefined;
  const { warmpool, token, session, pid } = hello;
  const isOne =
    Number.isSafeInteger(warmpool) &&
    typeof token === "string" &&
    typeof session === "string" &&
    /^[a-z0-9]{16}$/.test(session) &&
    Number.isSafeInteger(pid) &&
    (pid as number) > 0;
  return isOne ? (hello as Hello) : undefined;
}

/** The welcome of a line, or `undefined`: then nothing of ours listens there. */
export function parseWelcome(line: string): Welcome | undefined {
  const welcome = parsed(line) as Partial<Record<string, unknown>> | undefined;
  if (typeof welcome !== "object" || welcome === null || !Number.isSafeInteger(welcome["warmpool"])) return undefined;
  return welcome["welcome"] === true || typeof welcome["refused"] === "string" ? (welcome as Welcome) : undefined;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
