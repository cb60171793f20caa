import { Fault } from "./fault.js";
import type { Query } from "./query.js";

/** As many as are given when nothing is said, and at most. */
const LARGEST_PAGE = 1_000;

/** The page of a list that a request asks for, and the token of the next one. */
export function pageOf<Item>(
  items: readonly Item[],
  query: Query,
): { page: readonly Item[]; nextToken: string | undefined } {
  const size = query.number("MaxResults") ?? LARGEST_PAGE;
  if (!(size >= 5 && size <= LARGEST_PAGE)) {
    throw new Fault(
      "InvalidParameterValue",
      `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value from 5 to 1000.`,
    );
  }
  if (query.number("MaxResults") !== undefined && query.texts("InstanceId").length > 0) {
    throw new Fault(
      "InvalidParameterCombination",
      "The parameter instancesSet cannot be used with the parameter maxResults",
    );
  }
  const token = query.text("NextToken");
  const from = token === undefined ? 0 : Number(Buffer.from(token, "base64url").toString());
  if (!Number.isSafeInteger(from)) throw new Fault("InvalidParameterValue", "The token is invalid.");
  const nextToken = from + size < items.length ? Buffer.from(String(from + size)).toString("base64url") : undefined;
  return { page: items.slice(from, from + size), nextToken };
}
