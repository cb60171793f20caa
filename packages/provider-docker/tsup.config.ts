import { defineConfig } from "tsup";
import { esm } from "../../tsup.shared.js";

// ESM only, as provider-shell is. Splitting, which is the default, keeps what is imported lazily lazy.
export default defineConfig(esm);
