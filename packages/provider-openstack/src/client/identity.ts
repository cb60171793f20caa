import { Catalog, withoutSlash } from "./catalog.js";
import type { Auth, Cloud, Project } from "./cloud.js";
import { isObject } from "./complaint.js";
import { OpenStackError } from "./error.js";
import type { Http } from "./http.js";

/** A token and what Keystone said with it. */
export interface Token {
  /** Secret. */
  readonly id: string;
  /** How long after it was issued it ends, in milliseconds. By Keystone's own clock, which may differ from ours. */
  readonly lifetimeMs: number;
  readonly projectId: string | undefined;
  readonly catalog: Catalog;
}

/** Asks Keystone, version 3, for a token. */
export async function issueToken(http: Http, cloud: Cloud, signal: AbortSignal): Promise<Token> {
  const { headers, body } = await http.send({
    method: "POST",
    url: `${identityUrl(cloud.authUrl)}/auth/tokens`,
    body: { auth: requestOf(cloud.auth) },
    signal,
  });
  const id = headers.get("x-subject-token");
  const { token } = body;
  if (id === null || !isObject(token)) {
    throw new OpenStackError("Keystone answered without a token. Is the authentication URL Keystone's?");
  }
  const lifetimeMs = Date.parse(String(token["expires_at"])) - Date.parse(String(token["issued_at"]));
  const project = token["project"];
  return {
    id,
    // A token without an end is used until it is refused.
    lifetimeMs: Number.isNaN(lifetimeMs) ? Number.POSITIVE_INFINITY : lifetimeMs,
    projectId: isObject(project) && typeof project["id"] === "string" ? project["id"] : undefined,
    catalog: Catalog.parse(token["catalog"]),
  };
}

/** Keystone's version 3, whichever version the URL names, if any. */
export function identityUrl(authUrl: string): string {
  return `${withoutSlash(authUrl).replace(/\/v\d+(\.\d+)?$/, "")}/v3`;
}

function requestOf(auth: Auth): object {
  switch (auth.type) {
    case "password":
      return {
        identity: { methods: ["password"], password: { user: { ...auth.user, password: auth.password } } },
        ...scopeOf(auth.project),
      };
    case "application-credential":
      // Its project is its own: a scope would be refused.
      return {
        identity: {
          methods: ["application_credential"],
          application_credential: { ...auth.credential, secret: auth.secret },
        },
      };
    case "token":
      return {
        identity: { methods: ["token"], token: { id: auth.token } },
        ...scopeOf(auth.project),
      };
  }
}

function scopeOf(project: Project | undefined): object {
  return project === undefined ? {} : { scope: { project } };
}
