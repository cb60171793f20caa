import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type BuildOptions, dockerProvider } from "../src/index.js";
import { context, engine, errorOf, fleet, providerOn, request } from "./workbench.js";

describe("an image", () => {
  test("is pulled once for all who wait for it, and not again while it is there", async () => {
    const server = await engine();
    const provider = providerOn(server);
    server.faults.delay("pull", 30);
    await Promise.all([1, 2, 3].map((id) => provider.allocate(request(id), context())));
    await provider.allocate(request(4), context());
    expect(server.count("pull")).toBe(1);
    expect(server.count("image-inspect")).toBe(1);
  });

  test("goes on being pulled for those who still wait when one gives up", async () => {
    const server = await engine();
    const provider = providerOn(server);
    server.faults.delay("pull", 50);
    const impatient = new AbortController();
    const calls = [
      errorOf(provider.allocate(request(1), context({ signal: impatient.signal }))),
      provider.allocate(request(2), context()),
    ];
    impatient.abort();
    expect((await calls[0]) as object).toMatchObject({ made: "nothing" });
    await calls[1];
    expect(server.count("pull")).toBe(1);
  });

  test("is pulled with its tag: without one an engine would bring all", async () => {
    const server = await engine();
    server.engine.registry.set("registry:5000/team/app", {});
    server.engine.registry.set("app:2", {});
    for (const image of ["registry:5000/team/app", "app:2"]) {
      expect(await providerOn(server, { image, name: image }).allocate(request(image.length), context())).toMatchObject(
        { image },
      );
    }
    expect(server.engine.hasImage("registry:5000/team/app:latest")).toBe(true);
  });

  test.each([
    ["always", 2],
    ["missing", 1],
  ] as const)("is pulled by the policy %s", async (pull, pulls) => {
    const server = await engine();
    const provider = providerOn(server, { pull });
    for (const id of [1, 2]) await provider.allocate(request(id), context());
    expect(server.count("pull")).toBe(pulls);
  });

  test("that is not there and may not be pulled is a failure for good", async () => {
    const server = await engine();
    const error = await errorOf(providerOn(server, { pull: "never" }).allocate(request(), context()));
    expect(error).toMatchObject({ kind: "permanent", made: "nothing" });
    expect(error.message).toContain('there is no image busybox, and pull is "never"');
  });

  test("that the registry gives only to some is given to who they are", async () => {
    const server = await engine();
    const login = { username: "ci", password: "correct horse" };
    server.engine.registry.set("private", { login });
    const error = await errorOf(providerOn(server, { image: "private" }).allocate(request(1), context()));
    expect(error).toMatchObject({ kind: "permanent", made: "nothing" });
    const wrong = providerOn(server, { image: "private", registry: { ...login, password: "wrong horse" } });
    expect((await errorOf(wrong.allocate(request(2), context()))).kind).toBe("permanent");
    await providerOn(server, { image: "private", registry: login }).allocate(request(3), context());
  });

  test.each([
    [429, "toomanyrequests: You have reached your pull rate limit", "throttled"],
    [500, "toomanyrequests: You have reached your pull rate limit", "throttled"],
    [500, "Get https://registry-1.docker.io/v2/: net/http: TLS handshake timeout", "transient"],
    [500, "manifest unknown: manifest unknown", "permanent"],
    [500, "write /var/lib/docker/tmp/x: no space left on device", "capacity"],
  ])("that the engine answers %i for, %s, is %s", async (refuse, message, kind) => {
    const server = await engine();
    server.faults.next("pull", { refuse, message });
    const error = await errorOf(providerOn(server).allocate(request(), context()));
    expect(error).toMatchObject({ kind, made: "nothing", message: expect.stringContaining(message) });
  });

  test("that was removed behind our back is brought again by the next one", async () => {
    const server = await engine();
    const provider = providerOn(server);
    await provider.allocate(request(1), context());
    server.engine.removeImage("busybox");
    expect(await errorOf(provider.allocate(request(2), context()))).toMatchObject({
      kind: "transient",
      made: "nothing",
    });
    await provider.allocate(request(3), context());
    expect(server.count("pull")).toBe(2);
  });

  test("that takes longer than half of settlesWithin is given up: nothing may be made so late", async () => {
    const server = await engine();
    server.faults.delay("pull", 200);
    const error = await errorOf(providerOn(server, { settlesWithin: 100 }).allocate(request(), context()));
    expect(error).toMatchObject({ made: "nothing", kind: "transient" });
    expect(server.count("create")).toBe(0);
  });
});

describe("a Dockerfile", () => {
  function folder(files: Readonly<Record<string, string>>): string {
    const path = mkdtempSync(join(tmpdir(), "warmpool-build-"));
    onTestFinished(() => rmSync(path, { recursive: true }));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), text);
    }
    return path;
  }

  const DOCKERFILE = 'FROM scratch\nCOPY app/server /\nCMD ["sleep", "infinity"]\n';
  const FILES = {
    Dockerfile: DOCKERFILE,
    "app/server": "v1",
    "app/empty": "",
    "secret.key": "s",
    ".dockerignore": "*.key\n",
  };

  async function imageOf(build: string | BuildOptions): Promise<string> {
    const server = await engine();
    const provider = dockerProvider({ hosts: [{ name: "box", url: server.url }], build });
    const { image } = await provider.allocate(request(), context());
    expect(server.engine.builds).toBe(1);
    return image;
  }

  test("is built once on each host, however many containers need it", async () => {
    const { hosts, servers } = await fleet(["a", "b"]);
    const make = () => dockerProvider({ hosts, build: folder(FILES) });
    const provider = make();
    await Promise.all([1, 2, 3, 4].map((id) => provider.allocate(request(id), context())));
    // The next process finds it there.
    await make().allocate(request(5), context());
    expect(Object.values(servers).map(({ engine }) => engine.builds)).toEqual([1, 1]);
    expect(servers["a"]!.count("pull")).toBe(0);
  });

  test("of the same content is the same image, wherever it lies and whenever it was written", async () => {
    expect(await imageOf(folder(FILES))).toBe(await imageOf({ context: folder(FILES) }));
  });

  test.each([
    ["a file", { "app/server": "v2" }],
    ["the Dockerfile", { Dockerfile: `${DOCKERFILE}# new\n` }],
    ["a name", { "app/more": "" }],
  ])("is another image when %s is another one", async (_, changed) => {
    expect(await imageOf(folder({ ...FILES, ...changed }))).not.toBe(await imageOf(folder(FILES)));
  });

  test("is another image when a file becomes executable, or with other arguments or another target", async () => {
    const before = await imageOf(folder(FILES));
    const context = folder(FILES);
    chmodSync(join(context, "app/server"), 0o755);
    const others = [await imageOf(context)];
    for (const more of [{ args: { A: "1" } }, { args: { A: "2" } }, { target: "x" }]) {
      others.push(await imageOf({ context: folder(FILES), ...more }));
    }
    expect(new Set([before, ...others]).size).toBe(5);
  });

  test("is the same image when what .dockerignore names is another one, which is not sent either", async () => {
    expect(await imageOf(folder({ ...FILES, "secret.key": "another" }))).toBe(await imageOf(folder(FILES)));
    const server = await engine();
    const build = folder({ ...FILES, Dockerfile: "FROM scratch\nCOPY secret.key /\n" });
    const provider = dockerProvider({ hosts: [{ name: "box", url: server.url }], build });
    const error = await errorOf(provider.allocate(request(), context()));
    expect(error).toMatchObject({ made: "nothing" });
    expect(error.message).toContain("COPY failed: file not found in build context: secret.key");
  });

  test("can be a text, and have another name", async () => {
    const text = 'FROM scratch\nCMD ["sleep", "infinity"]\n';
    expect(await imageOf({ text })).toBe(await imageOf({ text }));
    await imageOf({ text: DOCKERFILE, context: folder({ "app/server": "v1" }) });
    await imageOf({
      context: folder({ ...FILES, Dockerfile: "nonsense", "build/x": DOCKERFILE }),
      dockerfile: "build/x",
    });
  });

  test("whose build fails makes no container", async () => {
    const server = await engine();
    const provider = dockerProvider({
      hosts: [{ name: "box", url: server.url }],
      build: { text: "FROM scratch\nRUN false\n" },
    });
    const error = await errorOf(provider.allocate(request(), context()));
    expect(error).toMatchObject({ kind: "transient", made: "nothing" });
    expect(error.message).toContain("returned a non-zero code: 1");
    expect(server.engine.containers).toEqual([]);
  });

  test("is part of the spec by its content: warm containers are replaced when it changes", () => {
    const spec = (files: Readonly<Record<string, string>>) => dockerProvider({ build: folder(files) }).spec;
    expect(spec(FILES)).toEqual(spec(FILES));
    expect(spec({ ...FILES, "app/server": "v2" })).not.toEqual(spec(FILES));
  });

  test.each([
    ["there is no folder", "/nowhere"],
    ["there is no file", { context: tmpdir(), dockerfile: "no-such-file" }],
    ["needs a context or a text", {}],
  ])("that can't be is refused at once: %s", (words, build) => {
    expect(() => dockerProvider({ build })).toThrow(words);
  });
});
