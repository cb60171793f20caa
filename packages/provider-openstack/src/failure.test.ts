import { describe, expect, test } from "vitest";
import { CloudConfigError, OpenStackError } from "./client/error.js";
import { kindOf, kindOfFault } from "./failure.js";

describe("the kind of a refusal", () => {
  test.each([
    [403, "Quota exceeded for cores, instances: Requested 1, but already used 10 of 10 cores", {}, "quota"],
    [403, "Die Quote ist erschöpft", {}, "quota"],
    [403, "Policy doesn't allow os_compute_api:servers:create to be performed.", {}, "permanent"],
    [403, "Maximum number of ports exceeded", {}, "quota"],
    [413, "Quota exceeded for instances", { retryAfterMs: 0 }, "quota"],
    [413, "Request Entity Too Large", {}, "quota"],
    [413, "This request was rate-limited.", { retryAfterMs: 1_000 }, "throttled"],
    [429, "Too Many Requests", {}, "throttled"],
    [409, "Cannot 'delete' instance while it is in task_state spawning", {}, "transient"],
    [409, "Quota exceeded for resources: ['floatingip'].", { type: "OverQuota" }, "quota"],
    [409, "No more IP addresses available on network.", { type: "IpAddressGenerationFailure" }, "capacity"],
    [409, "Multiple possible networks found, use a Network ID to be more specific.", {}, "permanent"],
    [400, "Invalid flavorRef provided.", {}, "permanent"],
    [401, "The request you have made requires authentication.", {}, "permanent"],
    [404, "Image not found.", {}, "permanent"],
    [500, "No valid host was found. There are not enough hosts available.", {}, "capacity"],
    [500, "Unexpected API Error.", {}, "transient"],
    [503, "Service Unavailable", {}, "transient"],
    [undefined, "no answer", {}, "transient"],
  ] as const)("%s %s %j is %s", (status, message, more, kind) => {
    expect(kindOf(new OpenStackError(message, { status, ...more }))).toBe(kind);
  });

  test("what cannot work is permanent, and what we never heard of is unknown", () => {
    expect(kindOf(new CloudConfigError("no auth_url"))).toBe("permanent");
    expect(kindOf(new Error("?"))).toBe("unknown");
  });
});

describe("the kind of a server's fault", () => {
  test.each([
    [413, "Quota exceeded for instances: Requested 1", "quota"],
    [403, "Maximum number of ports exceeded", "quota"],
    [500, "No valid host was found. There are not enough hosts available.", "capacity"],
    [500, "Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures", "capacity"],
    [400, "Zero fixed IPs available: No more fixed IP addresses", "capacity"],
    [500, "Build of instance aborted: Failed to allocate the network(s)", "unknown"],
  ])("%s %s is %s", (code, message, kind) => {
    expect(kindOfFault({ code, message })).toBe(kind);
  });
});
