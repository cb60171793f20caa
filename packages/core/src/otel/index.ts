/** @module @warmpool/core/otel */
export { type Instrumentable, type InstrumentOptions, instrument } from "./instrument.js";
