// A web server, a process of its own: it prints its address. Whoever works with it enters and leaves; it lets nobody in while
// somebody is there, and writes down that somebody came all the same ($SERVERS/violations). It also writes down that it lives.
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import process from "node:process";

const folder = process.env["SERVERS"];
const note = (file: string, line: string) => folder !== undefined && appendFileSync(join(folder, file), `${line}\n`);
let inside: string | undefined;

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  const who = searchParams.get("who") ?? "nobody";
  if (pathname === "/enter") {
    if (inside !== undefined) note("violations", `${who} came while ${inside} was there`);
    response.statusCode = inside === undefined ? 200 : 409;
    inside ??= who;
    note("visits", who);
  } else if (pathname === "/leave") {
    inside = undefined;
  }
  response.end(`${inside ?? "nobody"} is here\n`);
});

server.listen(0, "127.0.0.1", () => {
  note("pids", String(process.pid));
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
