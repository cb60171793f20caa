import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const folder = fileURLToPath(new URL("..", import.meta.url));

test("making a provider loads neither dockerode nor ssh2", async () => {
  const program = `
    import { createRequire } from "node:module";
    import { dockerProvider } from "@warmpool/provider-docker";
    const heavy = () => {
      const loaded = Object.keys(createRequire(import.meta.url).cache);
      return loaded.filter((path) => /node_modules.(dockerode|docker-modem|ssh2|tar-fs|@grpc).index.js|lib.docker.js/.test(path)).length;
    };
    const provider = dockerProvider({ image: "busybox", hosts: [{ name: "box", url: "unix:///nowhere.sock" }] });
    const before = heavy();
    await provider.find("wp-abcdefgh-123456-1", { signal: new AbortController().signal }).catch(() => {});
    console.log(before, heavy() > 0);
  `;
  const args = ["--input-type=module", "--eval", program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder });
  expect(stdout).toBe("0 true\n");
});
