export type { Container } from "./container.ts";
export { DockerServer, type DockerServerOptions } from "./docker-server.ts";
export { type SshGateway, startSshGateway } from "./ssh-gateway.ts";
