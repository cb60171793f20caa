import type { LeaderPost } from "../store/post.js";
import type { Sharing } from "../store/store.js";
import { Counter } from "./counter/counter.js";
import type { Life } from "./life.js";
import { RemoteDesk } from "./remote/remote-desk.js";
import type { Runtime } from "./runtime.js";

/** What a runtime needs of it where several processes share the store. */
export interface SharingParts extends Sharing {
  desk(runtime: Runtime): RemoteDesk;
  counter(runtime: Runtime, life: Life, post: LeaderPost): Counter;
}

const parts: SharingParts = {
  desk: (runtime) => new RemoteDesk(runtime),
  counter: (runtime, life, post) => new Counter(runtime, life, post),
};

/** What a store brings that several processes share (`Store.sharing`): where their holders ask, and are served. */
export const sharing: Sharing = parts;
