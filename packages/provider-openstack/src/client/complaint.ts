/** What a service says is wrong. */
export interface Complaint {
  readonly type: string | undefined;
  readonly message: string | undefined;
  readonly retryAfterMs: number | undefined;
}

/** Longest piece of a body without form that is worth telling, in characters. */
const LONGEST = 300;

/**
 * Reads the body of a refusal. Nova and Cinder name it by its only member (`{ "forbidden": { "message" } }`), Keystone
 * always calls that `error`, Neutron `NeutronError` with a `type`; Glance and proxies send HTML.
 */
export function parseComplaint(body: string, contentType: string): Complaint {
  const nothing: Complaint = { type: undefined, message: undefined, retryAfterMs: undefined };
  if (!contentType.includes("json")) {
    const text = body
      .replaceAll(/<(head|style|script)[\s\S]*?<\/\1>/gi, " ")
      .replaceAll(/<[^>]*>/g, " ")
      .replaceAll(/\s+/g, " ")
      .trim();
    return text === "" ? nothing : { ...nothing, message: text.slice(0, LONGEST) };
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return nothing;
  }
  if (!isObject(parsed)) return nothing;
  const [name, inner] = Object.entries(parsed)[0] ?? [];
  if (!isObject(inner)) return { ...nothing, message: typeof inner === "string" ? inner : undefined };
  const { message, type, title, retryAfter } = inner;
  return {
    type: typeof type === "string" ? type : name === "error" && typeof title === "string" ? title : name,
    message: typeof message === "string" ? message : undefined,
    retryAfterMs: retryAfterMs(retryAfter),
  };
}

/** Of a `Retry-After`: seconds, or a date. */
export function retryAfterMs(value: unknown, nowMs: number = Date.now()): number | undefined {
  if (value === null || value === undefined || value === "") return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const atMs = Date.parse(String(value));
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
