import { expect, test } from "vitest";
import { OpenStackError } from "./error.js";
import { type Page, pages, parsePage } from "./paging.js";

const page = (ids: string[], marker?: string): Page => ({ items: ids.map((id) => ({ id })), marker });

async function read(answers: (Page | Error)[]): Promise<unknown[]> {
  const asked: (string | undefined)[] = [];
  const ids: unknown[] = [];
  const listing = pages(async (marker) => {
    asked.push(marker);
    const answer = answers[asked.length - 1];
    if (answer instanceof Error || answer === undefined) throw answer;
    return answer;
  });
  for await (const items of listing) ids.push(...items.map(({ id }) => id));
  return [ids, asked];
}

const lost = new OpenStackError("GET /servers/detail: 400 badRequest: marker [b] not found", { status: 400 });

test("pages follow each other to the last", async () => {
  expect(await read([page(["a", "b"], "b"), page(["c"])])).toEqual([
    ["a", "b", "c"],
    [undefined, "b"],
  ]);
});

test("a listing whose marker was deleted begins again, and tells each once", async () => {
  expect(await read([page(["a", "b"], "b"), lost, page(["a", "c"], "c"), page(["d"])])).toEqual([
    ["a", "b", "c", "d"],
    [undefined, "b", undefined, "c"],
  ]);
});

test("a listing that cannot get to its end throws", async () => {
  await expect(
    read(Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? page(["a"], "a") : lost))),
  ).rejects.toBe(lost);
  await expect(read([page(["a"], "a"), page(["b"], "a")])).rejects.toThrow("circle");
  const broken = new OpenStackError("500", { status: 500 });
  await expect(read([page(["a"], "a"), broken])).rejects.toBe(broken);
});

test.each([
  ["the last", { servers: [{ id: "a" }] }, undefined],
  [
    "one with a link",
    { servers: [{ id: "a" }], servers_links: [{ rel: "next", href: "https://x/?limit=1&marker=m%2F1" }] },
    "m/1",
  ],
  ["one with a link without a marker", { servers: [{ id: "a" }], servers_links: [{ rel: "next", href: "/2" }] }, "a"],
  [
    "one with a link backwards",
    { servers: [{ id: "a" }], servers_links: [{ rel: "previous", href: "/0" }] },
    undefined,
  ],
])("a page: %s", (_, body, marker) => {
  expect(parsePage(body, "servers")).toEqual({ items: [{ id: "a" }], marker });
});

test.each([{}, { servers: null }, { servers: ["a"] }])("no page: %j", (body) => {
  expect(() => parsePage(body, "servers")).toThrow("no list called servers");
});
