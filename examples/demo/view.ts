import type { Server } from "./messages.ts";

/** What there is to be seen at present. */
export interface Scene {
  readonly manager: string;
  readonly servers: readonly Server[];
  /** Process ids by key. */
  readonly processes: ReadonlyMap<string, number>;
  /** What each client does. */
  readonly clients: ReadonlyMap<string, string>;
}

const REDRAW_MS = 100;

/** Lines of what happened; in a terminal, with a live picture below them. */
export class View {
  readonly #scene: () => Scene;
  readonly #startedAtMs = performance.now();
  readonly #isLive = process.stdout.isTTY === true;
  readonly #timer: NodeJS.Timeout | undefined;
  #drawnLines = 0;

  constructor(scene: () => Scene) {
    this.#scene = scene;
    if (this.#isLive) this.#timer = setInterval(() => this.#draw(), REDRAW_MS).unref();
  }

  /** Something happened. */
  log(text: string): void {
    const seconds = ((performance.now() - this.#startedAtMs) / 1_000).toFixed(1);
    this.#erase();
    console.log(`${seconds.padStart(5)} s  ${text}`);
    this.#draw();
  }

  /** The picture goes, the lines stay. */
  close(): void {
    clearInterval(this.#timer);
    this.#erase();
  }

  #draw(): void {
    if (!this.#isLive) return;
    this.#erase();
    const lines = picture(this.#scene()).map((line) => line.slice(0, process.stdout.columns || 80));
    process.stdout.write(`${lines.join("\n")}\n`);
    this.#drawnLines = lines.length;
  }

  #erase(): void {
    // Up as many lines, and clear from there to the end.
    if (this.#drawnLines > 0) process.stdout.write(`\x1b[${this.#drawnLines}A\x1b[J`);
    this.#drawnLines = 0;
  }
}

function picture({ manager, servers, processes, clients }: Scene): string[] {
  const rows = servers.map(({ id, key, state, address = "", client = "" }) =>
    row(`server ${id}`, String(processes.get(key) ?? "-"), address, state, client),
  );
  const what = ["waits", "talks", "done"].map((doing) => {
    const names = [...clients].filter(([, does]) => does === doing).map(([name]) => name.replace("client-", ""));
    return `${doing}: ${names.join(" ") || "-"}`;
  });
  return [
    "",
    `  ${manager}`,
    row("", "process", "address", "state", "lent to"),
    ...rows,
    `  clients    ${what.join("   ")}`,
  ];
}

function row(...cells: string[]): string {
  const widths = [11, 9, 17, 12, 12];
  return `  ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("")}`.trimEnd();
}
