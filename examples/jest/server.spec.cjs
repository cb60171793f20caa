const { leaseForEach } = require("@warmpool/testing/jest");

const server = leaseForEach({ pool: "servers" });

test.each(["Ada", "Grace"])("%s is alone with the server", async (who) => {
  const { url } = server.data;
  expect((await fetch(`${url}/enter?who=${who}`)).status).toBe(200);
  expect(await (await fetch(url)).text()).toBe(`${who} is here\n`);
  await fetch(`${url}/leave`);
});
