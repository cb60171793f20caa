/** A logger of pino's shape: `logger.info({ resource: 3 }, "ready")`. pino itself fits; so does `console` wrapped. */
export interface Logger {
  debug(fields: object, message?: string): void;
  info(fields: object, message?: string): void;
  warn(fields: object, message?: string): void;
  error(fields: object, message?: string): void;
}

/** Says nothing. The default: events tell the same. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
};
