const core = require("@warmpool/core");
const { keyvStore } = require("@warmpool/core/keyv");
const sqlite = require("@warmpool/core/sqlite");
const { Keyv } = require("keyv");
const { story } = require("./story.cjs");

story(core, sqlite, keyvStore(new Keyv())).then(() => {
  // ES modules only: Node can require() it all the same.
  const { openStackProvider } = require("@warmpool/provider-openstack");
  if (typeof openStackProvider !== "function") throw new Error("no openStackProvider");
  if (typeof require("@warmpool/provider-shell").shellProvider !== "function") throw new Error("no shellProvider");
  if (typeof require("@warmpool/provider-aws").ec2Provider !== "function") throw new Error("no ec2Provider");
  if (typeof require("@warmpool/provider-docker").dockerProvider !== "function") throw new Error("no dockerProvider");
  for (const runner of ["node-test", "jest", "playwright"]) {
    if (typeof require(`@warmpool/testing/${runner}`).poolSetup !== "function") throw new Error(`no ${runner}`);
  }
  console.log(Object.keys(require("@warmpool/testing")).join(" "));
});
