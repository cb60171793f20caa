import type { Cable } from "../../packages/store-postgres/test/cable.ts";
import type { Manager } from "./crowd.ts";
import { Life } from "./life.ts";
import type { Command, OnRecord, Report } from "./protocol.ts";

/** One of several managers that live at a time, its way to the database, and when it could neither hear nor speak. */
export class Member implements Manager {
  readonly name: string;
  readonly role: "auto" | "client";
  readonly cable: Cable;
  readonly life: Life;
  isOver = false;
  #isOpen = false;
  isLeaving = false;
  readonly #silences: { readonly fromMs: number; toMs: number }[] = [];
  #answers = new Map<Report["told"], (onRecord: readonly OnRecord[]) => void>();

  constructor(name: string, role: "auto" | "client", cable: Cable, args: readonly string[]) {
    this.name = name;
    this.role = role;
    this.cable = cable;
    this.life = new Life(...args);
  }

  /** It is there, and nothing is wrong with it. */
  get isWell(): boolean {
    return this.#isOpen && !this.isOver && !this.isLeaving && !this.#isSilent;
  }

  get #isSilent(): boolean {
    return (this.#silences.at(-1)?.toMs ?? 0) > performance.now();
  }

  readonly send = (command: Command): void => {
    // Whoever closes takes nothing more.
    if (!this.isLeaving) this.life.send(command);
  };

  hear(report: Report): void {
    if (report.told === "open") this.#isOpen = true;
    this.#answers.get(report.told)?.("onRecord" in report ? report.onRecord : []);
  }

  async ask(command: Command & { do: "census" | "drain" }): Promise<{ onRecord: readonly OnRecord[] }> {
    const told = command.do === "census" ? "census" : "drained";
    return await new Promise((resolve) => {
      this.#answers.set(told, (onRecord) => resolve({ onRecord }));
      this.life.send(command);
    });
  }

  /** For how long it was silent between two moments. */
  silentMs(fromMs: number, toMs: number): number {
    let ms = 0;
    for (const silence of this.#silences) {
      ms += Math.max(0, Math.min(toMs, silence.toMs) - Math.max(fromMs, silence.fromMs));
    }
    return ms;
  }

  kill(): void {
    this.#silent(Number.POSITIVE_INFINITY);
    this.life.kill();
  }

  freeze(ms: number): void {
    this.#silent(ms);
    this.life.freeze(ms);
  }

  cut(ms: number): void {
    this.#silent(ms);
    this.cable.cut();
    setTimeout(() => this.cable.mend(), ms);
  }

  stall(ms: number): void {
    // A connection that is dead without a word is given up only after a while.
    this.#silent(ms + STALL_NOTICED_MS);
    this.cable.stall();
    setTimeout(() => {
      // What was written meanwhile is not delivered late: connections like these break.
      this.cable.cut();
      this.cable.mend();
    }, ms);
  }

  mend(): void {
    this.cable.mend();
  }

  /** Lets it close by itself. Who held something by it gives it back, or lets it run out. */
  leave(): void {
    this.isLeaving = true;
    this.#silent(Number.POSITIVE_INFINITY);
    this.life.leave();
  }

  #silent(ms: number): void {
    const fromMs = performance.now();
    this.#silences.push({ fromMs, toMs: fromMs + ms });
  }
}

/** The shortest time after which a statement without an answer is sent again. */
const STALL_NOTICED_MS = 2_000;
