const process = require("node:process");
const { leaseForEach } = require("@warmpool/testing/jest");

const none = (process.env.BROWSER ?? "") === "";

(none ? describe.skip : describe)(`a browser${none ? " (skipped: none is installed)" : ""}`, () => {
  const browser = leaseForEach({ pool: "browsers" });

  test("says what it is", async () => {
    const { host } = new URL(browser.data.url);
    const version = await (await fetch(`http://${host}/json/version`)).json();
    expect(version.Browser).toMatch(/chrom/i);
  });
});
