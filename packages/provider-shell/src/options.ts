import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Duration } from "@warmpool/core";
import type { Command, CommandName } from "./command.js";
import type { OutputKind } from "./output.js";

/** What `shellProvider` is told. Every command and path is checked when the provider is made. */
export interface ShellOptions<Kind extends OutputKind = OutputKind> {
  /**
   * Makes a resource under `$WARMPOOL_KEY` and prints its data. Exit code 0: made. Any other: nobody knows, unless it is
   * one of the documented codes that say so.
   */
  readonly allocate: Command;
  /** Deletes what exists under `$WARMPOOL_KEY`; nothing there is success. Repeated until it exits with 0. */
  readonly delete: Command;
  /**
   * Whether a resource works. Exit code 0: yes; 75: can't tell; any other: no. Default: none, resources are taken to be
   * healthy.
   */
  readonly check?: Command;
  /** Makes a used resource clean for its next holder. Default: none, it goes back as it is if the pool reuses at all. */
  readonly reset?: Command;
  /** Prints the keys of everything that exists, one a line. Default: none, what no record knows is never found. */
  readonly list?: Command;
  /**
   * What exists under `$WARMPOOL_KEY`. Exit code 0: ready, with its data on stdout; 103: nothing; 104: not ready yet;
   * 105: something that will never be. Default: none, what has an unknown outcome is deleted.
   */
  readonly find?: Command;

  /**
   * For scripts that were written for resalloc: the name that their pool has in `pools.yaml`. It is `RESALLOC_POOL_ID` in
   * every command, resources are called `<it>_<key>` in `RESALLOC_NAME`, `list` prints such names, and a `delete` that
   * fails has succeeded if `list` no longer tells of the name. Default: none; then names are keys.
   */
  readonly resallocPool?: string;

  /** Runs commands that are strings through `/bin/sh -c`. Default: `false`, a string is the path of a file. */
  readonly shell?: boolean;
  /** The provider's name in logs, metrics and events, and the unit of shared caps and breakers. Default: `"shell"`. */
  readonly name?: string;
  /**
   * What `allocate` and `find` print: `"text"`, of which one newline at the end is taken off; `"json"`; or JSON that a
   * Standard Schema (zod, valibot, arktype, …) accepts, whose result is the data. Default: `"text"`.
   */
  readonly output?: Kind;
  /**
   * Variables for the scripts, beside the inherited ones. Names are letters, digits and `_`; `WARMPOOL_…` is reserved.
   * Their values (of four characters and more) are blotted out in messages. Default: none.
   */
  readonly env?: Readonly<Record<string, string>>;
  /** Where scripts run, and where relative paths of commands start. Default: the current directory of the process. */
  readonly cwd?: string;
  /**
   * Where the state of running scripts is kept. It must survive a restart of the manager and belong to one machine (or
   * one container). Default: `warmpool-shell-<user id>` in the system's folder for temporary files.
   */
  readonly stateDirectory?: string;
  /**
   * One log per resource, `<key>.log`: what its scripts write to stderr, and to stdout unless that is data. Default:
   * `logs` in the state directory.
   */
  readonly logDirectory?: string;
  /** How long after its last line a log is kept. Default: `"7d"`. */
  readonly keepLogs?: Duration;
  /**
   * Bytes that `allocate` and `find` may print; with more, they are ended and fail. From 1 to 92160, which is what a
   * script can be handed afterwards. Default: 65536. (A `list` may print 16 MiB.)
   */
  readonly outputLimit?: number;
  /**
   * Longest run of each command, at most 24 days; then its process group is ended and the call fails. The manager has
   * deadlines of its own: whichever comes first counts. Default: none.
   */
  readonly timeouts?: { readonly [Name in CommandName]?: Duration };
  /** How long after SIGTERM a process group that still runs gets SIGKILL. Default: `"5s"`. */
  readonly killAfter?: Duration;
  /**
   * How long after its start an `allocate` that no manager hears any more can still make something. Default: 0, since a
   * manager ends the scripts of a dead one on its machine first. With managers on several machines, set it to more than
   * the longest `allocate` may take.
   */
  readonly settlesWithin?: Duration;
  /** When it changes, a pool replaces its warm resources: the version of an image, say. Default: none. */
  readonly spec?: unknown;
}

/** Data as a schema makes it. */
export type SchemaData<Schema extends StandardSchemaV1> = StandardSchemaV1.InferOutput<Schema>;
