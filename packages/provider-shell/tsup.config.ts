import { defineConfig } from "tsup";
import { esm } from "../../tsup.shared.js";

export default defineConfig(esm);
