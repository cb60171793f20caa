import { type Control, OpenStack } from "@warmpool/test-openstack";
import { providerSuite } from "@warmpool/testing";
import { describe, test } from "vitest";
import type { OpenStackOptions, OpenStackServer } from "../src/index.js";
import { cloudHarness } from "./cloud-harness.js";

/** Clouds that make it hard, each in its own way: the suite, no case changed, against all of them. */
const CLOUDS: [string, Partial<Control>, OpenStackOptions][] = [
  ["that lists what was made some time later", { lagMs: 60 }, {}],
  ["with pages of one", { maxPage: 1 }, { floatingIp: "public" }],
  ["that throttles", { throttle: { status: 429, perSecond: 400, burst: 20, retryAfterS: 0 } }, {}],
  ["that keeps what was deleted", { softDelete: true }, {}],
  [
    "of old, which leaves ports and volumes behind",
    { microversions: { oldest: "2.1", newest: "2.3" }, orphans: true, deleteMs: 200 },
    { floatingIp: "public", bootVolume: { sizeGiB: 1 }, reset: "reboot" },
  ],
];

describe.each(CLOUDS)("a cloud %s", (_, control, options) => {
  providerSuite<OpenStackServer>({
    test: (name, run) => test.concurrent(name, { timeout: 120_000 }, run),
    timeout: "10s",
    create: async () => cloudHarness(await OpenStack.start(control), { ...options, settlesWithin: "5s" }),
  });
});
