import type { Provider } from "@warmpool/core";

/** What a server usually is to its holder. */
export interface Server {
  readonly host: string;
  readonly port: number;
}

export const servers: Provider<Server> = {
  name: "servers",
  reuse: true,
  allocate: async ({ slot }) => ({ host: "127.0.0.1", port: 20_000 + slot }),
  delete: async () => undefined,
  check: async () => undefined,
};
