// The thing that is lent: a small web server, one process each.
//
//   node server.ts FOLDER KEY
//
// It writes its address into FOLDER/address and answers on the loopback interface only. It is also a witness: it knows
// who uses it by the lease's token, and refuses whoever comes while somebody else is inside.
import { renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const [folder = ""] = process.argv.slice(2);

/** The largest token that was ever shown. Tokens grow, so a smaller one belongs to a lease that is over. */
let largest = 0;
/** The token of whoever is inside. */
let inside: number | undefined;
let greetings = 0;

function answer(path: string, token: number): { status: number; text: string } {
  if (path === "/health") return { status: 200, text: "well" };
  if (token < largest) return { status: 409, text: `token ${token} is over, ${largest} was here` };
  if (inside !== undefined && inside !== token) return { status: 409, text: `${inside} is still inside` };
  largest = token;
  inside = path === "/leave" ? undefined : token;
  if (path === "/hello") greetings += 1;
  return { status: 200, text: `hello, this is greeting ${greetings}` };
}

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  const { status, text } = answer(pathname, Number(searchParams.get("token")));
  response.writeHead(status).end(`${text}\n`);
});

server.listen(0, "127.0.0.1", () => {
  const { address, port } = server.address() as AddressInfo;
  // Put there whole: allocate.sh looks at it all the time.
  writeFileSync(`${folder}/address.new`, `${address}:${port}\n`);
  renameSync(`${folder}/address.new`, `${folder}/address`);
});

// Should the whole demo be killed, nothing of it stays for long.
setTimeout(() => process.exit(), 120_000);
