import { createPool } from "@warmpool/core";
import { servers } from "../../durable/thing.ts";

export default () => createPool({ name: "servers", provider: servers, max: 1, warm: 1 });
