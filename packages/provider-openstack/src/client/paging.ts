import { isObject } from "./complaint.js";
import { OpenStackError } from "./error.js";

/** A page of a listing. */
export interface Page {
  readonly items: readonly Record<string, unknown>[];
  /** Of the next page; `undefined`: this was the last. */
  readonly marker: string | undefined;
}

/**
 * Reads a page whose body has the items under `name` and, if there are more, a link to the next ones under
 * `<name>_links`. Of the link only the marker counts: behind a proxy its host is often wrong.
 *
 * @throws {OpenStackError} The body is no such page: an empty answer would be taken for an empty cloud.
 */
export function parsePage(body: Readonly<Record<string, unknown>>, name: string): Page {
  const items = body[name];
  if (!Array.isArray(items) || !items.every(isObject)) {
    throw new OpenStackError(`The answer has no list called ${name}. Is this address an OpenStack service's?`);
  }
  const links = body[`${name}_links`];
  const next = (Array.isArray(links) ? links : []).find((link) => isObject(link) && link["rel"] === "next");
  if (next === undefined) return { items, marker: undefined };
  const marker = /[?&]marker=([^&]+)/.exec(String(next["href"]))?.[1];
  const last = items.at(-1)?.["id"];
  if (marker === undefined && typeof last !== "string") {
    throw new OpenStackError(`The list of ${name} goes on without saying where.`);
  }
  return { items, marker: marker === undefined ? String(last) : decodeURIComponent(marker) };
}

/** How often a listing is begun anew, when what a page ended with was deleted before the next was asked for. */
const RESTARTS = 20;

/**
 * Reads a listing to its end, each item once, or throws. When the item at the end of a page is deleted before the next
 * page is read, its marker is refused; then it begins again.
 *
 * @param read Reads the page after `marker`.
 */
export async function* pages(
  read: (marker: string | undefined) => Promise<Page>,
): AsyncGenerator<readonly Record<string, unknown>[]> {
  const seen = new Set<unknown>();
  const markers = new Set<string>();
  let marker: string | undefined;
  let restarts = 0;
  for (;;) {
    let page: Page;
    try {
      page = await read(marker);
    } catch (error) {
      if (marker === undefined || !isLostMarker(error) || ++restarts > RESTARTS) throw error;
      marker = undefined;
      markers.clear();
      continue;
    }
    const fresh = page.items.filter(({ id }) => !seen.has(id));
    for (const { id } of fresh) seen.add(id);
    yield fresh;
    marker = page.marker;
    if (marker === undefined) return;
    if (markers.has(marker)) throw new OpenStackError("The listing runs in a circle.");
    markers.add(marker);
  }
}

function isLostMarker(error: unknown): boolean {
  return (
    error instanceof OpenStackError && (error.status === 400 || error.status === 404) && /marker/i.test(error.message)
  );
}
