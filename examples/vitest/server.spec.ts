import { expect } from "vitest";
import { test } from "./fixtures.js";

test.for(["Ada", "Grace"])("%s is alone with the server", async (who, { server }) => {
  const { url } = server.data;
  expect((await fetch(`${url}/enter?who=${who}`)).status).toBe(200);
  expect(await (await fetch(url)).text()).toBe(`${who} is here\n`);
  await fetch(`${url}/leave`);
});
