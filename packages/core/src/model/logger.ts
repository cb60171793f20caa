/** A logger of pino's shape: `logger.info({ resource: 3 }, "ready")`. pino itself fits; so does `console` wrapped. */
export interface Logger {
  /** What goes on as usual. */
  debug(fields: object, message?: string): void;
  /** What an operator did, or what works again. */
  info(fields: object, message?: string): void;
  /** What somebody may have to act upon. */
  warn(fields: object, message?: string): void;
  /** What somebody has to act upon. */
  error(fields: object, message?: string): void;
}

/** Says nothing. The default: events tell the same. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
};
