import { randomBytes } from "node:crypto";
import { type Answer, keystoneRefusal } from "./answer.js";
import { type Call, isObject } from "./call.js";
import { type CloudState, PROJECT } from "./cloud-state.js";

/** Whom Keystone knows. */
export const USER = {
  id: "9f2c1d0e8b7a4c6d9e5f3a2b1c0d4e01",
  name: "warmpool",
  password: "correct-horse-battery-staple",
};
export const APPLICATION_CREDENTIAL = {
  id: "aa809205ed614a0e854bac92c0768bb9",
  name: "warmpool-ci",
  secret: "an-application-secret-of-some-length",
};

const SERVICES = [
  ["compute", "nova", "/compute/v2.1"],
  ["network", "neutron", "/networking"],
  ["image", "glance", "/image"],
  ["volumev3", "cinder", `/volume/v3/${PROJECT.id}`],
  ["identity", "keystone", "/identity"],
] as const;

/** Where each service has endpoints. */
export const REGIONS = ["RegionOne", "RegionTwo"];

/** Gives tokens and knows them again. */
export class Keystone {
  readonly #state: CloudState;
  /** When each token ends, in milliseconds. */
  readonly #endsAtMs = new Map<string, number>();
  /** Every token that was given. */
  readonly tokens: string[] = [];

  constructor(state: CloudState) {
    this.#state = state;
  }

  /** All tokens end now. */
  revokeAll(): void {
    this.#endsAtMs.clear();
  }

  knows(token: unknown): boolean {
    return typeof token === "string" && (this.#endsAtMs.get(token) ?? 0) > Date.now();
  }

  /** A token as somebody would have got it before. */
  issue(): string {
    const token = `gAAAAA${randomBytes(60).toString("base64url")}`;
    this.#endsAtMs.set(token, Date.now() + this.#state.control.tokenLifetimeMs);
    this.tokens.push(token);
    return token;
  }

  handle({ method, path, body, origin }: Call): Answer {
    if (method === "GET" && path === "/v3") {
      return { status: 200, body: { version: { id: "v3.14", status: "stable", links: [] } } };
    }
    if (method !== "POST" || path !== "/v3/auth/tokens")
      throw keystoneRefusal(404, "Not Found", "Could not find that.");
    const { auth } = body;
    if (!isObject(auth) || !isObject(auth["identity"])) throw keystoneRefusal(400, "Bad Request", "auth is required");
    const hasOwnProject = this.#identify(auth["identity"]);
    this.#checkScope(auth["scope"], hasOwnProject);
    const issuedAtMs = Date.now();
    const scoped = hasOwnProject || auth["scope"] !== undefined;
    const token = {
      methods: auth["identity"]["methods"],
      user: { id: USER.id, name: USER.name, domain: PROJECT.domain },
      issued_at: new Date(issuedAtMs).toISOString(),
      expires_at: new Date(issuedAtMs + this.#state.control.tokenLifetimeMs).toISOString(),
      ...(scoped && { project: PROJECT, catalog: catalog(origin) }),
    };
    return { status: 201, body: { token }, headers: { "x-subject-token": this.issue() } };
  }

  /** Returns whether who asks comes with a project. */
  #identify(identity: Record<string, unknown>): boolean {
    const { methods, password, application_credential: credential, token } = identity;
    const method = Array.isArray(methods) ? methods[0] : undefined;
    if (method === "password" && isObject(password) && isObject(password["user"])) {
      const { id, name, domain, password: given } = password["user"];
      const inDomain = isObject(domain) && (domain["id"] === "default" || domain["name"] === "Default");
      if ((id === USER.id || (name === USER.name && inDomain)) && given === USER.password) return false;
    }
    if (method === "application_credential" && isObject(credential)) {
      const { id, name, secret } = credential;
      const known =
        id === APPLICATION_CREDENTIAL.id || (name === APPLICATION_CREDENTIAL.name && isObject(credential["user"]));
      if (known && secret === APPLICATION_CREDENTIAL.secret) return true;
    }
    if (method === "token" && isObject(token) && this.knows(token["id"])) return false;
    throw keystoneRefusal(401, "Unauthorized", "The request you have made requires authentication.");
  }

  #checkScope(scope: unknown, hasOwnProject: boolean): void {
    if (scope === undefined) return;
    if (hasOwnProject) throw keystoneRefusal(401, "Unauthorized", "Application credentials cannot request a scope.");
    const project = isObject(scope) ? scope["project"] : undefined;
    if (!isObject(project)) throw keystoneRefusal(400, "Bad Request", "scope has no project");
    const { id, name, domain } = project;
    const inDomain = isObject(domain) && (domain["id"] === "default" || domain["name"] === "Default");
    if (id === PROJECT.id || (name === PROJECT.name && inDomain)) return;
    throw keystoneRefusal(401, "Unauthorized", "The request you have made requires authentication.");
  }
}

function catalog(origin: string): object[] {
  return SERVICES.map(([type, name, path]) => ({
    id: name,
    type,
    name,
    endpoints: REGIONS.flatMap((region) =>
      ["public", "internal", "admin"].map((kind) => ({
        id: `${name}-${region}-${kind}`,
        interface: kind,
        region,
        region_id: region,
        // Only the first region's public endpoints lead anywhere.
        url: region === REGIONS[0] && kind === "public" ? `${origin}${path}` : `${origin}/${region}/${kind}${path}`,
      })),
    ),
  }));
}
