import { expect, test } from "vitest";
import { addressOf } from "./address.js";

test("a path is a socket, and its token lies beside it", () => {
  expect(addressOf("/tmp/pool.sock", "linux")).toEqual({
    path: "/tmp/pool.sock",
    socket: "/tmp/pool.sock",
    tokenFile: "/tmp/pool.sock.token",
  });
});

test("on Windows it names a pipe, the same for the same path", () => {
  const { socket, tokenFile } = addressOf("./pool.sock", "win32");
  expect(socket).toMatch(/^\\\\\.\\pipe\\warmpool-[0-9a-f]{24}$/);
  expect(tokenFile).toContain(socket.slice(9));
  expect(addressOf("pool.sock", "win32").socket).toBe(socket);
  expect(addressOf("other.sock", "win32").socket).not.toBe(socket);
});

test.each([
  ["nothing", ""],
  ["no text", 7 as never],
  ["a null character", "a\0b"],
  ["a path that is too long for a socket", `/tmp/${"x".repeat(120)}`],
])("%s is refused", (_, path) => {
  expect(() => addressOf(path, "linux")).toThrow(expect.objectContaining({ code: "INVALID_OPTIONS" }));
});
