import { describe, expect, test } from "vitest";
import { namesOf } from "./names.js";

describe("names", () => {
  test.each([
    ["rack", "warmpool-provider-rack", "warmpool-provider-rack", "rack", "Rack"],
    ["my-rack2", "warmpool-provider-my-rack2", "warmpool-provider-my-rack2", "my-rack2", "MyRack2"],
    ["warmpool-provider-rack", "warmpool-provider-rack", "warmpool-provider-rack", "rack", "Rack"],
    ["@acme/provider-rack", "@acme/provider-rack", "provider-rack", "rack", "Rack"],
    ["@acme/rack", "@acme/rack", "rack", "rack", "Rack"],
    ["rack-provider", "rack-provider", "rack-provider", "rack", "Rack"],
    ["provider", "provider", "provider", "my", "My"],
    ["provider-3d", "provider-3d", "provider-3d", "provider-3d", "Provider3d"],
  ])("of %s", (given, name, folder, kebab, pascal) => {
    const names = namesOf(given);
    expect(names).toMatchObject({ package: name, folder, kebab, pascal });
    expect(names.camel.toLowerCase()).toBe(pascal.toLowerCase());
  });

  test.each(["", "Rack", "a b", "../rack", "@acme/", "rack-", "7up", "x".repeat(200)])("%j is none", (given) => {
    expect(() => namesOf(given)).toThrow(expect.objectContaining({ code: "NAME_INVALID" }));
  });
});
