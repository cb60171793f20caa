const core = require("@warmpool/core");
const sqlite = require("@warmpool/core/sqlite");
const { story } = require("./story.cjs");

story(core, sqlite).then(() => {
  // ES modules only: Node can require() it all the same.
  if (typeof require("@warmpool/provider-shell").shellProvider !== "function") throw new Error("no shellProvider");
  console.log(Object.keys(require("@warmpool/testing")).join(" "));
});
