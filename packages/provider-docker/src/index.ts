/** @module @warmpool/provider-docker */
export type { DockerContainer } from "./container.js";
export type { ExecOptions, ExecResult } from "./exec.js";
export type { HeldContainer } from "./holder.js";
export type { DockerHosts, HostStatus } from "./inventory.js";
export type {
  BuildOptions,
  ContainerLimits,
  ContainerOptions,
  ContainerPort,
  DockerOptions,
  DockerParams,
  Healthcheck,
  HostOptions,
  HostState,
  ReadyCheck,
  RunInContainer,
  SshOptions,
  TlsOptions,
} from "./options.js";
export { type DockerOptionsWithImage, type DockerProvider, dockerProvider } from "./provider.js";
export type { ShellOptions, ShellSession } from "./shell.js";
