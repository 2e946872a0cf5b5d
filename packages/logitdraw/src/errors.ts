// The one error class. Its codes are those of the core, and two that only JavaScript has: FREED and WASM_UNAVAILABLE.

import { error_code, error_index, error_message, error_option } from "../pkg/logitdraw_wasm.js";

/** What went wrong, for programs to act on (the repository's docs/errors.md says when each is thrown). */
export type ErrorCode =
  | "INVALID_OPTION"
  | "UNKNOWN_OPTION"
  | "INVALID_LOGITS"
  | "WRONG_LENGTH"
  | "NO_TOKEN_LEFT"
  | "INVALID_TOKEN"
  | "INVALID_PROBABILITIES"
  | "INVALID_STATE"
  | "FREED"
  | "WASM_UNAVAILABLE"
  | "OUT_OF_MEMORY";

/** Where something went wrong. */
export interface ErrorPlace {
  option?: string | undefined;
  index?: number | undefined;
  row?: number | undefined;
  cause?: unknown;
}

/**
 * The error that every function and method of this package throws; what your own callbacks throw passes through as it is. A call that
 * throws it has changed nothing: no token was drawn, no history moved, no random number spent.
 *
 * @example
 * try {
 *   sampler.sample(logits);
 * } catch (error) {
 *   if (error instanceof LogitdrawError && error.code === "INVALID_LOGITS") console.warn(`bad logit at ${error.index}`);
 * }
 */
export class LogitdrawError extends Error {
  /** The kind of error, which is stable: programs should act on it, never on the message. */
  readonly code: ErrorCode;
  /** The name of the option at fault, if there is one; parts of an option are dotted, as in `xtc.probability`. */
  declare readonly option?: string;
  /** The first offending index, if there is one. */
  declare readonly index?: number;
  /** The row at fault, if the error is that of a batch's row. */
  declare readonly row?: number;

  constructor(code: ErrorCode, message: string, place: ErrorPlace = {}) {
    super(message, "cause" in place ? { cause: place.cause } : undefined);
    this.code = code;
    if (place.option !== undefined) this.option = place.option;
    if (place.index !== undefined) this.index = place.index;
    if (place.row !== undefined) this.row = place.row;
  }
}
// Set on the prototype rather than on each instance; it shows the right name in minified bundles and in `toString`, too.
Object.defineProperty(LogitdrawError.prototype, "name", {
  value: "LogitdrawError",
  configurable: true,
  writable: true,
});

/** Returns the error that the core kept when a call to it failed. */
export function lastError(): LogitdrawError {
  const index = error_index();
  return new LogitdrawError(error_code() as ErrorCode, error_message(), {
    option: error_option(),
    index: index < 0 ? undefined : index,
  });
}

/** Returns the value of a call to the core; throws the kept error if it is `undefined`, which means that the call failed. */
export function checked<T>(value: T | undefined): T {
  if (value === undefined) throw lastError();
  return value;
}

/** Throws the kept error if a call to the core returned `false`, which means that it failed. */
export function check(done: boolean): void {
  if (!done) throw lastError();
}

/** Returns the error for an object used after its `free()`. */
export function freed(what: string): LogitdrawError {
  return new LogitdrawError("FREED", `this ${what} has been freed`);
}

/** Returns the error for a sampler that moved in the middle of something. */
export function moved(where: string): LogitdrawError {
  return new LogitdrawError("INVALID_STATE", `the sampler moved while ${where}`);
}

/** Returns the error for an impossible value of an option. */
export function badOption(option: string, message: string, index?: number): LogitdrawError {
  return new LogitdrawError("INVALID_OPTION", message, { option, index });
}

/** Returns the same error as that of a row of a batch; whatever is not an error of this package is returned as it is. */
export function ofRow(error: unknown, row: number): unknown {
  if (!(error instanceof LogitdrawError)) return error;
  const { code, message, option, index } = error;
  return new LogitdrawError(code, `row ${row}: ${message}`, { option, index, row, cause: error });
}

/** Reads the logits that an option holds: an error that names no option is thrown as that of this one. */
export function asOption<T>(option: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof LogitdrawError && error.option === undefined) {
      throw new LogitdrawError(error.code, `${option}: ${error.message}`, { option, index: error.index });
    }
    throw error;
  }
}

/** Describes what a value is, for error messages. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "object") return Object.prototype.toString.call(value).slice(8, -1);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "string") return `"${value.slice(0, 40)}"`;
  return typeof value === "number" ? String(value) : `a ${typeof value}`;
}
