import { type Control, FLAVORS, IMAGES, OpenStack, PROJECT, USER } from "@warmpool/test-openstack";
import { onTestFinished } from "vitest";
import type { OpenStackAuth, OpenStackOptions } from "../src/index.js";

/** A cloud for one test. */
export async function fakeCloud(control: Partial<Control> = {}): Promise<OpenStack> {
  const cloud = await OpenStack.start(control);
  onTestFinished(() => cloud.stop());
  return cloud;
}

/** Who we are there. */
export function authOf(cloud: OpenStack): OpenStackAuth {
  return { authUrl: cloud.authUrl, username: USER.name, password: USER.password, projectName: PROJECT.name };
}

/** Options of a provider of servers there, in a hurry. */
export function optionsOf(cloud: OpenStack, options: OpenStackOptions = {}): OpenStackOptions {
  return {
    auth: authOf(cloud),
    image: IMAGES[0]?.name ?? "",
    flavor: FLAVORS[0]?.name ?? "",
    network: "private",
    pollInterval: 5,
    settlesWithin: "1m",
    ...options,
  };
}
