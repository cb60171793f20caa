import type { Answer } from "./answer.js";
import type { Call } from "./call.js";
import { IMAGES } from "./cloud-state.js";

/** Images, newest first. */
export function handleImages({ query }: Call): Answer {
  const name = query.get("name");
  const images = IMAGES.filter((image) => name === null || image.name === name);
  return { status: 200, body: { images: images.toSorted((a, b) => (a.created_at < b.created_at ? 1 : -1)) } };
}
