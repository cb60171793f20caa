import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "./complaint.js";
import { CloudConfigError } from "./error.js";

/** Where a process looks for files and variables. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the process runs. */
  readonly cwd: string;
  /** The user's own folder. */
  readonly home: string;
  /** Where the machine's files are. Default: `/etc`. */
  readonly etc?: string;
}

/** An entry of `clouds.yaml` as it is written: all values are text, as YAML's numbers would lose digits of passwords. */
export type RawCloud = Readonly<Record<string, unknown>>;

const EXTENSIONS = ["yaml", "yml", "json"];

/** `clouds.yaml` with its secrets (`secure.yaml`) and profiles (`clouds-public.yaml`), as OpenStack's own tools find them. */
export class CloudFiles {
  /** Where the clouds were read from; `undefined`: there is no file. */
  readonly path: string | undefined;
  readonly #clouds: RawCloud;
  readonly #profiles: RawCloud;
  readonly #searched: readonly string[];

  private constructor(path: string | undefined, clouds: RawCloud, profiles: RawCloud, searched: readonly string[]) {
    this.path = path;
    this.#clouds = clouds;
    this.#profiles = profiles;
    this.#searched = searched;
  }

  static async read({ env, cwd, home, etc = "/etc" }: Surroundings): Promise<CloudFiles> {
    const folders = [cwd, join(home, ".config", "openstack"), join(etc, "openstack")];
    const find = (name: string, variable: string): string | undefined => {
      const named = env[variable];
      if (named === undefined || named === "") {
        return folders.flatMap((folder) => EXTENSIONS.map((end) => join(folder, `${name}.${end}`))).find(existsSync);
      }
      if (!existsSync(named)) throw new CloudConfigError(`${variable} names the file ${named}, which is not there.`);
      return named;
    };
    const path = find("clouds", "OS_CLIENT_CONFIG_FILE");
    const clouds = await readMap(path, "clouds");
    const secrets = await readMap(find("secure", "OS_CLIENT_SECURE_FILE"), "clouds");
    const profiles = await readMap(find("clouds-public", "OS_CLIENT_VENDOR_FILE"), "public-clouds");
    return new CloudFiles(path, merge(clouds, secrets), profiles, folders);
  }

  get names(): string[] {
    return Object.keys(this.#clouds);
  }

  /** @throws {CloudConfigError} There is no cloud of this name. */
  cloud(name: string): RawCloud {
    if (!Object.hasOwn(this.#clouds, name)) {
      if (this.path === undefined) {
        const places = this.#searched.join(", ");
        throw new CloudConfigError(
          `There is no clouds.yaml that could describe the cloud ${name}. Looked in: ${places}.`,
        );
      }
      throw new CloudConfigError(`${this.path} has no cloud ${name}. It has: ${this.names.join(", ") || "none"}.`);
    }
    const cloud = this.#clouds[name];
    if (!isObject(cloud)) throw new CloudConfigError(`The cloud ${name} in ${this.path} is no map.`);
    const profile = cloud["profile"] ?? cloud["cloud"];
    if (typeof profile !== "string" || profile === "") return cloud;
    const known = this.#profiles[profile];
    if (isObject(known)) return merge(known, cloud);
    if (isObject(cloud["auth"]) && cloud["auth"]["auth_url"] !== undefined) return cloud;
    throw new CloudConfigError(
      `The cloud ${name} in ${this.path} has the profile ${profile}, which no clouds-public.yaml has. Put auth_url under auth instead.`,
    );
  }
}

/** The map under a file's only key. */
async function readMap(path: string | undefined, key: string): Promise<RawCloud> {
  if (path === undefined) return {};
  const { parse } = await import("yaml");
  let content: unknown;
  try {
    content = parse(readFileSync(path, "utf8"), { schema: "failsafe", merge: true, prettyErrors: false });
  } catch (error) {
    // The parser's message may quote the line, which may have a password.
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new CloudConfigError(`${path} cannot be read as YAML${code}.`);
  }
  const map = isObject(content) ? content[key] : undefined;
  if (isObject(map)) return map;
  throw new CloudConfigError(`${path} has no map called ${key} at its top.`);
}

/** Of two values of a key, the later counts; maps are merged. */
function merge(earlier: RawCloud, later: RawCloud): RawCloud {
  const result: Record<string, unknown> = { ...earlier };
  for (const [key, value] of Object.entries(later)) {
    const before = result[key];
    result[key] = isObject(before) && isObject(value) ? merge(before, value) : value;
  }
  return result;
}
