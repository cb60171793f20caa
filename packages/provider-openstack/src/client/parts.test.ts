import { describe, expect, test } from "vitest";
import { parseComplaint, retryAfterMs } from "./complaint.js";
import { identityUrl } from "./identity.js";
import { isAtLeast, negotiate, parseMicroversion } from "./microversion.js";
import { serviceUrl, versionUrl } from "./service-url.js";

test.each([
  ["https://k.example", "https://k.example/v3"],
  ["https://k.example:5000/", "https://k.example:5000/v3"],
  ["https://k.example/identity/v3/", "https://k.example/identity/v3"],
  ["https://k.example/v2.0", "https://k.example/v3"],
])("Keystone of %s is at %s", (authUrl, expected) => {
  expect(identityUrl(authUrl)).toBe(expected);
});

test.each([
  ["compute", "https://c.example/compute", "https://c.example/compute/v2.1"],
  ["compute", "https://c.example/v2.1", "https://c.example/v2.1"],
  ["compute", "https://c.example/v2/p1", "https://c.example/v2/p1"],
  ["network", "https://c.example:9696", "https://c.example:9696/v2.0"],
  ["network", "https://c.example/v2.0", "https://c.example/v2.0"],
  ["image", "https://c.example/image", "https://c.example/image/v2"],
  ["volume", "https://c.example/v3/p1", "https://c.example/v3/p1"],
  ["volume", "https://c.example/volume", "https://c.example/volume/v3/p1"],
] as const)("%s of %s is at %s", (service, endpoint, expected) => {
  expect(serviceUrl(service, endpoint, "p1")).toBe(expected);
});

test.each([
  ["https://c.example/v2.1", "https://c.example/v2.1/"],
  ["https://c.example/compute/v2.1/p1", "https://c.example/compute/v2.1/"],
])("the versions of %s are told at %s", (url, expected) => {
  expect(versionUrl(url)).toBe(expected);
});

describe("microversions", () => {
  const ours = { oldest: [2, 1], newest: [2, 93] } as const;
  test.each([
    ["theirs are newer", { oldest: [2, 1], newest: [2, 96] }, [2, 93]],
    ["theirs are older", { oldest: [2, 1], newest: [2, 60] }, [2, 60]],
    ["theirs begin later", { oldest: [2, 94], newest: [2, 99] }, undefined],
    ["they have none", undefined, undefined],
  ] as const)("%s", (_, theirs, expected) => {
    expect(negotiate(ours, theirs)).toEqual(expected);
  });

  test("are no decimals", () => {
    expect(isAtLeast(parseMicroversion("2.10"), [2, 9])).toBe(true);
    expect(parseMicroversion("2.x")).toBeUndefined();
  });
});

test.each([
  ["Nova", '{"forbidden":{"code":403,"message":"Quota"}}', { type: "forbidden", message: "Quota" }],
  ["Neutron", '{"NeutronError":{"type":"OverQuota","message":"Q","detail":""}}', { type: "OverQuota", message: "Q" }],
  ["Keystone", '{"error":{"code":401,"title":"Unauthorized","message":"No"}}', { type: "Unauthorized", message: "No" }],
  ["Nova, too fast", '{"overLimit":{"message":"Slow","retryAfter":"7"}}', { type: "overLimit", retryAfterMs: 7_000 }],
  ["a text", '{"message":"hello"}', { type: undefined, message: "hello" }],
  ["no JSON", "{", { message: undefined }],
  ["no object", "[1]", { message: undefined }],
])("what %s complains of", (_, body, expected) => {
  expect(parseComplaint(body, "application/json; charset=UTF-8")).toMatchObject(expected);
});

test("of HTML, what is to be read", () => {
  const html = "<html><head><title>x</title></head><body><h1>502</h1>\n<p>Bad &gt; gateway</p></body></html>";
  expect(parseComplaint(html, "text/html").message).toBe("502 Bad &gt; gateway");
});

test.each([
  ["3", 3_000],
  ["Thu, 01 Jan 1970 00:00:09 GMT", 8_000],
  [null, undefined],
  ["soon", undefined],
])("Retry-After %s", (value, expected) => {
  expect(retryAfterMs(value, 1_000)).toBe(expected);
});
