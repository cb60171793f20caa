import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Surroundings } from "./cloud-files.js";
import { CloudConfigError } from "./error.js";
import { loadCloud } from "./load-cloud.js";

const AUTH = { OS_AUTH_URL: "https://keystone.example:5000/v3", OS_USERNAME: "ann", OS_PASSWORD: "secret" };

/** A machine with these files: those of the user lie in `home`, the process runs in `cwd`. */
function machine(
  files: Record<string, string>,
  env: Record<string, string> = {},
): Surroundings & { path(name: string): string } {
  const root = mkdtempSync(join(tmpdir(), "warmpool-clouds-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const path = (name: string) => join(root, name);
  for (const folder of ["cwd", "home", "etc"]) mkdirSync(path(folder));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), content);
  }
  return { env, cwd: path("cwd"), home: path("home"), etc: path("etc"), path };
}

function clouds(user: string, ...names: string[]): string {
  const entry = (name: string) =>
    `  ${name}:\n    auth: { auth_url: "https://${name}.example", username: ${user}, password: 0123, project_name: p }\n`;
  return `clouds:\n${names.map(entry).join("")}`;
}

describe("variables", () => {
  test.each<[string, Record<string, string>, object]>([
    [
      "a user and a project by name",
      { ...AUTH, OS_PROJECT_NAME: "ci", OS_USER_DOMAIN_NAME: "staff", OS_PROJECT_DOMAIN_ID: "d7" },
      {
        auth: {
          type: "password",
          user: { name: "ann", domain: { name: "staff" } },
          password: "secret",
          project: { name: "ci", domain: { id: "d7" } },
        },
      },
    ],
    [
      "a user and a project by id, the project under its old name",
      { ...AUTH, OS_USER_ID: "u1", OS_TENANT_ID: "p1" },
      { auth: { user: { id: "u1" }, project: { id: "p1" } } },
    ],
    [
      "no domain, which means the default one",
      { ...AUTH, OS_PROJECT_NAME: "ci" },
      { auth: { user: { domain: { id: "default" } }, project: { domain: { id: "default" } } } },
    ],
    [
      "another default domain",
      { ...AUTH, OS_PROJECT_NAME: "ci", OS_DEFAULT_DOMAIN: "lab" },
      { auth: { user: { domain: { id: "lab" } }, project: { domain: { id: "lab" } } } },
    ],
    [
      "an application credential by id",
      {
        OS_AUTH_URL: AUTH.OS_AUTH_URL,
        OS_AUTH_TYPE: "v3applicationcredential",
        OS_APPLICATION_CREDENTIAL_ID: "ac1",
        OS_APPLICATION_CREDENTIAL_SECRET: "hush",
      },
      { auth: { type: "application-credential", credential: { id: "ac1" }, secret: "hush" } },
    ],
    [
      "an application credential by name, whose kind is not said",
      {
        ...AUTH,
        OS_APPLICATION_CREDENTIAL_NAME: "ci",
        OS_APPLICATION_CREDENTIAL_SECRET: "hush",
        OS_USER_DOMAIN_ID: "d1",
      },
      {
        auth: {
          type: "application-credential",
          credential: { name: "ci", user: { name: "ann", domain: { id: "d1" } } },
        },
      },
    ],
    [
      "a token",
      { OS_AUTH_URL: AUTH.OS_AUTH_URL, OS_TOKEN: "gAAAA", OS_PROJECT_ID: "p1" },
      { auth: { type: "token", token: "gAAAA", project: { id: "p1" } } },
    ],
    [
      "region, interface and certificates",
      { ...AUTH, OS_REGION_NAME: "north", OS_INTERFACE: "internalURL", OS_CACERT: "/ca.pem", OS_INSECURE: "true" },
      { region: "north", interface: "internal", tls: { verify: false, caFile: "/ca.pem" } },
    ],
    [
      "addresses of services",
      { ...AUTH, OS_COMPUTE_ENDPOINT_OVERRIDE: "https://nova.example/v2.1" },
      { endpoints: { compute: "https://nova.example/v2.1" } },
    ],
    ["what is empty is not there", { ...AUTH, OS_PROJECT_NAME: "", OS_CLOUD: "" }, { auth: { project: undefined } }],
  ])("say %s", async (_, env, expected) => {
    expect(await loadCloud({}, machine({}, env))).toMatchObject({ authUrl: AUTH.OS_AUTH_URL, ...expected });
  });
});

describe("clouds.yaml", () => {
  const nameOf = async (around: Surroundings, name?: string) => {
    const { auth } = await loadCloud({ name }, around);
    return auth.type === "password" && "name" in auth.user ? auth.user.name : undefined;
  };

  test("is looked for where the process runs, then in the user's folder, then in the machine's", async () => {
    const files = {
      "cwd/clouds.yaml": clouds("cwd", "a"),
      "home/.config/openstack/clouds.yml": clouds("home", "a"),
      "etc/openstack/clouds.yaml": clouds("etc", "a"),
    };
    expect(await nameOf(machine(files), "a")).toBe("cwd");
    const { "cwd/clouds.yaml": _, ...fewer } = files;
    expect(await nameOf(machine(fewer), "a")).toBe("home");
    expect(await nameOf(machine({ "etc/openstack/clouds.yaml": clouds("etc", "a") }), "a")).toBe("etc");
  });

  test("may lie elsewhere, by OS_CLIENT_CONFIG_FILE", async () => {
    const around = machine({ "cwd/clouds.yaml": clouds("cwd", "a"), "other.yaml": clouds("other", "a") });
    const env = { OS_CLIENT_CONFIG_FILE: around.path("other.yaml"), OS_CLOUD: "a" };
    expect(await nameOf({ ...around, env })).toBe("other");
    const wrong = { ...around, env: { ...env, OS_CLIENT_CONFIG_FILE: "/no/such.yaml" } };
    await expect(loadCloud({}, wrong)).rejects.toThrow("OS_CLIENT_CONFIG_FILE names the file /no/such.yaml");
  });

  test("has the cloud that the option names, else OS_CLOUD, else the variables, else the only one", async () => {
    const two = { "cwd/clouds.yaml": `${clouds("x", "a")}${clouds("y", "b").replace("clouds:\n", "")}` };
    const around = machine(two, { OS_CLOUD: "a", ...AUTH });
    expect(await nameOf(around, "b")).toBe("y");
    expect(await nameOf(around)).toBe("x");
    expect(await nameOf(machine(two, AUTH))).toBe("ann");
    expect(await nameOf(machine({ "cwd/clouds.yaml": clouds("x", "a") }))).toBe("x");
    await expect(loadCloud({}, machine(two))).rejects.toThrow("It is not said which cloud to use");
    await expect(loadCloud({}, machine({}))).rejects.toThrow("There is no clouds.yaml, and neither OS_CLOUD nor");
  });

  test("has its secrets in a file of their own", async () => {
    const around = machine({
      "cwd/clouds.yaml": "clouds: { a: { auth: { auth_url: 'https://a.example', username: ann, project_name: p } } }",
      "home/.config/openstack/secure.yaml": "clouds: { a: { auth: { password: hush } } }",
    });
    expect(await loadCloud({ name: "a" }, around)).toMatchObject({ auth: { password: "hush" } });
  });

  test("has passwords that look like numbers", async () => {
    const around = machine({ "cwd/clouds.yaml": clouds("ann", "a") });
    expect(await loadCloud({ name: "a" }, around)).toMatchObject({ auth: { password: "0123" } });
  });

  test("says region, interface and certificates, which variables and options go before", async () => {
    const text = `${clouds("ann", "a")}    region_name: north\n    interface: internal\n    verify: false\n    cacert: ~/ca.pem\n`;
    const around = machine({ "cwd/clouds.yaml": text }, { OS_CLOUD: "a" });
    const tls = { verify: false, caFile: `${around.home}/ca.pem` };
    expect(await loadCloud({}, around)).toMatchObject({ region: "north", interface: "internal", tls });
    const env = { ...around.env, OS_REGION_NAME: "south" };
    expect(await loadCloud({}, { ...around, env })).toMatchObject({ region: "south", interface: "internal" });
    const chosen = await loadCloud({ region: "west", interface: "admin" }, { ...around, env });
    expect(chosen).toMatchObject({ region: "west", interface: "admin" });
  });

  test("may list regions, of which the first counts", async () => {
    const text = `${clouds("ann", "a")}    regions:\n      - name: north\n      - south\n`;
    expect(await loadCloud({}, machine({ "cwd/clouds.yaml": text }))).toMatchObject({ region: "north" });
  });

  test("may share what clouds have in common", async () => {
    const text = `x: &base { username: ann, password: hush, project_name: p }\nclouds:\n  a:\n    auth: { <<: *base, auth_url: "https://a.example" }\n`;
    expect(await nameOf(machine({ "cwd/clouds.yaml": text }), "a")).toBe("ann");
  });

  test("may refer to a profile", async () => {
    const files = { "cwd/clouds.yaml": "clouds: { a: { profile: big, auth: { username: ann, password: hush } } }" };
    await expect(loadCloud({ name: "a" }, machine(files))).rejects.toThrow("has the profile big");
    const profiles = "public-clouds: { big: { region_name: north, auth: { auth_url: 'https://big.example' } } }";
    const around = machine({ ...files, "etc/openstack/clouds-public.yaml": profiles });
    expect(await loadCloud({ name: "a" }, around)).toMatchObject({ authUrl: "https://big.example", region: "north" });
  });
});

describe("what cannot work is told", () => {
  const entry = (text: string) => ({ "cwd/clouds.yaml": `clouds:\n  a: { ${text} }\n` });
  test.each<[string, Record<string, string>, string]>([
    ["another cloud", clouds0("b"), "has no cloud a. It has: b."],
    ["no YAML", { "cwd/clouds.yaml": "clouds: [\n  password: hunter22: x" }, "cannot be read as YAML"],
    ["no clouds", { "cwd/clouds.yaml": "cloud: {}" }, "has no map called clouds at its top"],
    ["no address", entry("auth: { username: ann }"), "The cloud a in"],
    ["a strange address", entry("auth: { auth_url: keystone }"), "auth_url is no address"],
    ["a user in the address", entry("auth: { auth_url: 'https://ann:hunter22@k.example' }"), "must not contain a user"],
    ["no password", entry("auth: { auth_url: 'https://k.example', username: ann }"), "has no password."],
    ["an old API", entry("identity_api_version: 2.0, auth: { auth_url: 'https://k.example' }"), "Only version 3"],
    [
      "another kind",
      entry("auth_type: v3oidcpassword, auth: { auth_url: 'https://k.example' }"),
      "Supported are password",
    ],
    [
      "another interface",
      entry("interface: secret, auth: { auth_url: 'https://k.example', user_id: u, password: x }"),
      "There are public, internal and admin.",
    ],
  ])("%s", async (_, files, message) => {
    const failed = loadCloud({ name: "a" }, machine(files));
    await expect(failed).rejects.toThrow(CloudConfigError);
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.not.toThrow("hunter22");
  });
});

function clouds0(name: string): Record<string, string> {
  return { "cwd/clouds.yaml": clouds("ann", name) };
}
