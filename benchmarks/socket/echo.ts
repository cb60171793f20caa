// What a local socket costs by itself: each line of JSON is read and written back. node echo.ts PATH; ends with its stdin.
import { createServer } from "node:net";
import process from "node:process";
import { createInterface } from "node:readline";

const [path = ""] = process.argv.slice(2);
const server = createServer((socket) => {
  createInterface(socket).on("line", (line) => socket.write(`${JSON.stringify(JSON.parse(line))}\n`));
});
server.listen(path, () => console.log("listens"));
process.stdin.resume().once("end", () => process.exit());
