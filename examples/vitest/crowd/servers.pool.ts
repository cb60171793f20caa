import { createPool } from "@warmpool/core";
import { serverProvider } from "../../test-things/servers.ts";

export default () => createPool({ name: "servers", provider: serverProvider(), max: 4, warm: 4 });
