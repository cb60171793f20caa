/** A service that is used, by its name in options. */
export type ServiceName = "compute" | "network" | "image" | "volume";

/** Which of a service's endpoints to use. */
export type Interface = "public" | "internal" | "admin";

/** A domain of Keystone, by id or by name. */
export interface Domain {
  readonly id?: string;
  readonly name?: string;
}

/** The project that a token is for, by id, or by name within a domain. */
export type Project = { readonly id: string } | { readonly name: string; readonly domain: Domain };

/** How to get a token. */
export type Auth =
  | {
      readonly type: "password";
      /** By id, or by name within a domain. */
      readonly user: { readonly id: string } | { readonly name: string; readonly domain: Domain };
      readonly password: string;
      /** `undefined`: the user's own default. */
      readonly project: Project | undefined;
    }
  | {
      readonly type: "application-credential";
      /** By id, or by name of a user. */
      readonly credential:
        | { readonly id: string }
        | {
            readonly name: string;
            readonly user: { readonly id: string } | { readonly name: string; readonly domain: Domain };
          };
      readonly secret: string;
    }
  | { readonly type: "token"; readonly token: string; readonly project: Project | undefined };

/** How to talk to services with certificates of one's own. */
export interface Tls {
  /** Whether certificates of services are checked. */
  readonly verify: boolean;
  /** Paths of PEM files. */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** A cloud and who we are there. */
export interface Cloud {
  /** Of Keystone, with or without `/v3`. */
  readonly authUrl: string;
  readonly auth: Auth;
  /** `undefined`: the first one that the catalog has. */
  readonly region: string | undefined;
  readonly interface: Interface;
  readonly tls: Tls;
  /** Addresses to use in place of the catalog's. */
  readonly endpoints: { readonly [Name in ServiceName]?: string };
  /** The newest microversion of Nova to ask for, such as `2.79`; `undefined`: as new as both sides know. */
  readonly computeVersion: string | undefined;
}
