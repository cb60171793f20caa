// What stands for a machine here: a server that runs what it is sent, in a folder of its own.
import { exec } from "node:child_process";
import { createServer } from "node:http";

const [folder, port] = process.argv.slice(2);

createServer((request, response) => {
  let command = "";
  request.on("data", (chunk) => (command += chunk));
  request.on("end", () => {
    exec(command, { cwd: `${folder}/work` }, (error, stdout, stderr) => {
      response.statusCode = error === null ? 200 : 500;
      response.end(stdout + stderr);
    });
  });
}).listen(Number(port), "127.0.0.1");
