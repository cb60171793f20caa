import { crc32 } from "node:zlib";

/** Characters of a checksum: 32 bits in hexadecimal. */
const CHECKSUM = 8;

/**
 * A value as the backend keeps it: a checksum over key and JSON, then the JSON. JSON, so that no backend meets a
 * character that it cannot keep.
 */
export function sealed(key: string, value: unknown): string {
  const json = JSON.stringify(value);
  return checksum(key, json) + json;
}

/** What was sealed under this key; `undefined` when it is not what somebody sealed. */
export function unsealed(key: string, text: string): unknown {
  const json = text.slice(CHECKSUM);
  return text.slice(0, CHECKSUM) === checksum(key, json) ? JSON.parse(json) : undefined;
}

function checksum(key: string, json: string): string {
  // The key counts too: a backend that mixes keys up is found out.
  return crc32(json, crc32(key)).toString(16).padStart(CHECKSUM, "0");
}
