import { Failure } from "./failure.js";

/** What a package and the things in it are called. */
export interface Names {
  /** `@acme/provider-my-rack`, `warmpool-provider-my-rack`. */
  readonly package: string;
  /** Of the folder, if nobody says another: the package's without its scope. */
  readonly folder: string;
  /** `my-rack`: what the provider is called in logs. */
  readonly kebab: string;
  /** `myRack` */
  readonly camel: string;
  /** `MyRack` */
  readonly pascal: string;
}

/** A scope, if there is one, and words of letters and digits with a hyphen between two. */
const PATTERN = /^(@[a-z0-9][a-z0-9-]*\/)?([a-z][a-z0-9]*(?:-[a-z0-9]+)*)$/;

/** npm's own limit. */
const LONGEST = 214;

const PREFIX = "warmpool-provider-";

/**
 * What somebody who says this name wants: `my-rack` is short for `warmpool-provider-my-rack`; a scope, or a `provider`
 * in it, says that it is the package's whole name.
 *
 * @throws {Failure} `NAME_INVALID`
 */
export function namesOf(given: string): Names {
  const [, scope = "", bare] = PATTERN.exec(given) ?? [];
  if (bare === undefined || given.length > LONGEST - PREFIX.length) {
    throw new Failure(
      "NAME_INVALID",
      `"${given}" cannot be the name of a package. Say words of small letters and digits with hyphens between them, such as my-rack, warmpool-provider-my-rack or @acme/provider-my-rack.`,
    );
  }
  const isWhole = scope !== "" || /(^|-)provider(-|$)/.test(bare);
  const folder = isWhole ? bare : PREFIX + bare;
  // An identifier begins with a letter.
  const kebab = /(?:^|-)provider-([a-z].*)$/.exec(bare)?.[1] ?? bare.replace(/-?provider$/, "") ?? bare;
  const words = (kebab === "" ? "my" : kebab).split("-");
  const pascal = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  return {
    package: scope + folder,
    folder,
    kebab: words.join("-"),
    camel: pascal.charAt(0).toLowerCase() + pascal.slice(1),
    pascal,
  };
}
