/** What an image says about the containers made of it. */
export interface Image {
  readonly id: string;
  /** Names, with their tags. */
  readonly tags: string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly healthcheck: boolean;
  /** Ports at which what runs in it listens. */
  readonly listens: readonly number[];
}

/** An image as the registry has it. */
export interface Published extends Partial<Omit<Image, "id" | "tags">> {
  /** Who may pull it. Default: everybody. */
  readonly login?: { readonly username: string; readonly password: string };
}
