import type { Listed } from "@warmpool/core";
import { type CloudServer, cloudProvider, dataOf, FIRST_PORT, remove } from "../fake-cloud/cloud-provider.js";
import type { FakeCloud, Server } from "../fake-cloud/fake-cloud.js";
import type { CloudProvider, Mutant } from "./mutant.js";

/** Providers whose listings lie. */
export const listMutants: readonly Mutant[] = [
  {
    that: "lists one page",
    provide: (cloud) =>
      listing(cloud, async function* () {
        yield* (await cloud.page()).servers.map(entryOf);
      }),
    caughtBy: { "list contains what was made, once, with its key": /list does not contain what was made/ },
  },
  {
    that: "lists each thing twice",
    provide: (cloud) =>
      listing(cloud, async function* (list) {
        for await (const entry of list()) yield* [entry, entry];
      }),
    caughtBy: { "list contains what was made, once, with its key": /not exactly once/ },
  },
  {
    that: "lists what it has ever seen",
    provide(cloud) {
      const seen = new Map<string, Listed<CloudServer>>();
      return listing(cloud, async function* (list) {
        for await (const entry of list()) seen.set(entry.key, entry);
        yield* seen.values();
      });
    },
    caughtBy: { "list does not contain what was deleted": /list contains what was deleted/ },
  },
  {
    that: "asks for pages by their offset",
    provide: (cloud) =>
      listing(cloud, async function* () {
        for (let offset = 0; ; offset += 2) {
          const page = (await cloud.all()).slice(offset, offset + 2);
          if (page.length === 0) return;
          yield* page.map(entryOf);
        }
      }),
    caughtBy: {
      "list read to its end while others are made and deleted neither throws nor loses any": /list lost a thing/,
    },
  },
  {
    that: "fails when a thing leaves while it lists",
    provide: (cloud) =>
      listing(cloud, async function* () {
        const servers = await cloud.all();
        for (const { id } of servers.toReversed()) await cloud.describe(id);
        for (const { id, tags } of servers) {
          yield { key: tags.key };
          await cloud.describe(id);
        }
      }),
    caughtBy: { "list read to its end while others are made and deleted neither throws nor loses any": /no server/ },
  },
  {
    that: "can be read once only when it was not read to its end",
    provide(cloud) {
      let open = false;
      return listing(cloud, async function* (list) {
        if (open) throw new Error("another listing is open");
        open = true;
        yield* list();
        open = false;
      });
    },
    caughtBy: { "a listing that was given up can be read anew": /another listing is open/ },
  },
  {
    that: "ends its listing when it is aborted",
    provide: (cloud) =>
      listing(cloud, async function* (list, { aborted }) {
        if (!aborted) yield* list();
      }),
    caughtBy: { "an aborted list throws, unless it is complete": /ended early instead of throwing/ },
  },
  {
    that: "puts its own installation in the tags",
    provide: (cloud) =>
      listing(cloud, async function* (list) {
        for await (const entry of list()) yield { ...entry, tags: { ...entry.tags, installation: "aaaaaaaa" } };
      }),
    caughtBy: { "listed tags are those that it was made with": /the tag installation is not/ },
  },
  {
    that: "makes a number of an expiry that is not there",
    provide: (cloud) =>
      listing(cloud, async function* (list) {
        for await (const entry of list()) {
          yield { ...entry, tags: { ...entry.tags, expiresAtMs: Number(entry.tags?.expiresAtMs) } };
        }
      }),
    caughtBy: { "listed tags are those that it was made with": /the tag expiresAtMs is not/ },
  },
  {
    that: "tells ages in seconds",
    provide: (cloud) =>
      listing(cloud, async function* (list) {
        for await (const entry of list()) yield { ...entry, createdAtMs: Date.now() / 1_000 };
      }),
    caughtBy: { "a listed createdAtMs is the time of making, in UTC milliseconds": /createdAtMs is/ },
  },
  {
    that: "lists data that its delete does not know",
    provide: (cloud) => ({
      ...listing(cloud, async function* (list) {
        for await (const { key } of list()) yield { key, data: { id: "", address: undefined } };
      }),
      async delete({ key, data }) {
        if (data === undefined) await remove(cloud, key);
        else await cloud.delete(data.id).catch(() => {});
      },
    }),
    caughtBy: {
      "what list tells is enough to delete it, in another slot and under another number": /for what should not exist/,
      "listed data, where there are any, are what allocate returned": /listed data is not what allocate returned/,
    },
  },
  {
    that: "deletes by the slot",
    provide: (cloud) => ({
      ...cloudProvider(cloud),
      async delete({ slot }) {
        const server = (await cloud.all()).find(({ port }) => port === FIRST_PORT + slot);
        if (server !== undefined) await cloud.delete(server.id);
      },
    }),
    caughtBy: {
      "what list tells is enough to delete it, in another slot and under another number": /for what should not exist/,
    },
  },
];

/** The right provider with another `list`. */
export function listing(
  cloud: FakeCloud,
  list: (list: () => AsyncIterable<Listed<CloudServer>>, signal: AbortSignal) => AsyncIterable<Listed<CloudServer>>,
): CloudProvider {
  const provider = cloudProvider(cloud);
  return { ...provider, list: (context) => list(() => provider.list?.(context) ?? none(), context.signal) };
}

async function* none(): AsyncGenerator<never> {}

function entryOf(server: Server): Listed<CloudServer> {
  return { key: server.tags.key, data: dataOf(server) };
}
