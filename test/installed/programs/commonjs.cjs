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
  console.log(Object.keys(require("@warmpool/testing")).join(" "));
});
