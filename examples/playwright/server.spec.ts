import { expect } from "@playwright/test";
import { test } from "./fixtures.js";

for (const who of ["Ada", "Grace"]) {
  test(`${who} is alone with the server`, async ({ server, request }) => {
    const { url } = server.data;
    expect((await request.get(`${url}/enter?who=${who}`)).status()).toBe(200);
    expect(await (await request.get(url)).text()).toBe(`${who} is here\n`);
    await request.get(`${url}/leave`);
  });
}
