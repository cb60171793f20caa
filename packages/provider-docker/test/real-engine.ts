import process from "node:process";
import Docker from "dockerode";

/**
 * A real engine to test against: that of `DOCKER_HOST`, or the local one if `WARMPOOL_TEST_DOCKER` is 1.
 *
 * `WARMPOOL_TEST_DOCKER_IMAGE` names the image (default `busybox`), which must have `sleep` and `sh`. It is pulled.
 */
export interface RealEngine {
  /** `unix://…` or `tcp://…` without TLS, so that it can be cut off; else `undefined`. */
  readonly plainUrl: string | undefined;
  readonly image: string;
  /** For looking at it past the provider. */
  readonly docker: Docker;
}

export function realEngine(): RealEngine | undefined {
  const { DOCKER_HOST, DOCKER_TLS_VERIFY, WARMPOOL_TEST_DOCKER, WARMPOOL_TEST_DOCKER_IMAGE } = process.env;
  if (!DOCKER_HOST && WARMPOOL_TEST_DOCKER !== "1") return undefined;
  const url = DOCKER_HOST || "unix:///var/run/docker.sock";
  const isPlain = /^(unix|tcp):/.test(url) && (url.startsWith("unix:") || !DOCKER_TLS_VERIFY);
  return {
    plainUrl: isPlain ? url : undefined,
    image: WARMPOOL_TEST_DOCKER_IMAGE || "busybox",
    docker: new Docker(),
  };
}

/** Pulls an image, unless the engine has it. */
export async function bringImage(docker: Docker, image: string): Promise<void> {
  const isThere = await docker
    .getImage(image)
    .inspect()
    .then(
      () => true,
      () => false,
    );
  if (isThere) return;
  const report = await docker.pull(/[:@][^/]*$/.test(image) ? image : `${image}:latest`);
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(report, (error) => (error === null ? resolve() : reject(error)));
  });
}
