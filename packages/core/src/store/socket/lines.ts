import { StringDecoder } from "node:string_decoder";

/** Puts what arrives together into lines. */
export class Lines {
  readonly #decoder = new StringDecoder("utf8");
  #rest = "";

  /** Longest that a line may be that has not ended, in characters: more is no conversation of ours. */
  longest: number;

  constructor(longest: number) {
    this.longest = longest;
  }

  /** @throws when a line is too long. */
  read(chunk: Buffer): string[] {
    const lines = (this.#rest + this.#decoder.write(chunk)).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > this.longest) throw new Error(`a line of more than ${this.longest} characters`);
    return lines;
  }
}
