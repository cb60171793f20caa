import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT, USER } from "@warmpool/test-openstack";
import { expect, onTestFinished, test, vi } from "vitest";
import { context } from "../test/call.js";
import { fakeCloud } from "../test/fake-cloud.js";
import { openStackProvider } from "./provider.js";

test("who we are is read at the first call, and anew when we are not believed", async () => {
  const cloud = await fakeCloud();
  const folder = mkdtempSync(join(tmpdir(), "warmpool-clouds-"));
  const path = join(folder, "clouds.yaml");
  vi.stubEnv("OS_CLIENT_CONFIG_FILE", path);
  for (const name of ["OS_REGION_NAME", "OS_INTERFACE", "OS_ENDPOINT_TYPE"]) vi.stubEnv(name, "");
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
  const write = (password: string) => {
    const auth = { auth_url: cloud.authUrl, user_id: USER.id, password, project_id: PROJECT.id };
    writeFileSync(path, JSON.stringify({ clouds: { ci: { auth } } }));
  };
  const provider = openStackProvider({ cloud: "ci" });
  const list = () => Array.fromAsync(provider.list(context()));
  await expect(list()).rejects.toMatchObject({ kind: "permanent", message: expect.stringContaining(path) });
  write("guess");
  await expect(list()).rejects.toMatchObject({ kind: "permanent", message: expect.stringContaining("401") });
  write(USER.password);
  expect(await list()).toEqual([]);
  // What is believed is not read again.
  write("guess");
  expect(await list()).toEqual([]);
});
