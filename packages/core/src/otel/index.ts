export { type Instrumentable, type InstrumentOptions, instrument } from "./instrument.js";
