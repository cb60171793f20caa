import { defineConfig } from "tsup";
import { shared } from "../../tsup.shared.js";

// A program, which nobody imports.
export default defineConfig({ ...shared, entry: { main: "src/main.ts" }, format: "esm", clean: true });
