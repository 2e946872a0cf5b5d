// One error class. Its codes are the core's, and two of JavaScript's own: FREED and WASM_UNAVAILABLE.

import { error_code, error_index, error_message, error_option } from "../pkg/logitdraw_wasm.js";

/** What went wrong, for programs to decide by (the repository's docs/errors.md says when each is thrown). */
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
 * What every function and method of this package throws; what a callback of yours throws comes through as it is. Whatever threw it has
 * changed nothing: no token was drawn, no history moved, no random number spent.
 *
 * @example
 * try {
 *   sampler.sample(logits);
 * } catch (error) {
 *   if (error instanceof LogitdrawError && error.code === "INVALID_LOGITS") console.warn(`bad logit at ${error.index}`);
 * }
 */
export class LogitdrawError extends Error {
  /** The stable kind: programs decide by it, never by the message. */
  readonly code: ErrorCode;
  /** The option's name, where one is at fault; parts of an option are dotted, as in `xtc.probability`. */
  declare readonly option?: string;
  /** The first offending index, where there is one. */
  declare readonly index?: number;
  /** The row of a batch. */
  declare readonly row?: number;

  constructor(code: ErrorCode, message: string, place: ErrorPlace = {}) {
    super(message, "cause" in place ? { cause: place.cause } : undefined);
    this.code = code;
    if (place.option !== undefined) this.option = place.option;
    if (place.index !== undefined) this.index = place.index;
    if (place.row !== undefined) this.row = place.row;
  }
}
// On the prototype, so that minified bundles and `toString` say it too, and no instance carries it.
Object.defineProperty(LogitdrawError.prototype, "name", {
  value: "LogitdrawError",
  configurable: true,
  writable: true,
});

/** The error that the core kept when a call of it failed. */
export function lastError(): LogitdrawError {
  const index = error_index();
  return new LogitdrawError(error_code() as ErrorCode, error_message(), {
    option: error_option(),
    index: index < 0 ? undefined : index,
  });
}

/** The value of a call that gives `undefined` where it fails. */
export function checked<T>(value: T | undefined): T {
  if (value === undefined) throw lastError();
  return value;
}

/** Nothing, after a call that gives `false` where it fails. */
export function check(done: boolean): void {
  if (!done) throw lastError();
}

/** The error for whatever is used after its `free()`. */
export function freed(what: string): LogitdrawError {
  return new LogitdrawError("FREED", `this ${what} has been freed`);
}

/** The error where a sampler moved in the middle of something. */
export function moved(where: string): LogitdrawError {
  return new LogitdrawError("INVALID_STATE", `the sampler moved while ${where}`);
}

/** An impossible value of an option. */
export function badOption(option: string, message: string, index?: number): LogitdrawError {
  return new LogitdrawError("INVALID_OPTION", message, { option, index });
}

/** The same error, said of a row of a batch. */
export function ofRow(error: unknown, row: number): unknown {
  if (!(error instanceof LogitdrawError)) return error;
  const { code, message, option, index } = error;
  return new LogitdrawError(code, `row ${row}: ${message}`, { option, index, row, cause: error });
}

/** What a value is, for messages. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "object") return Object.prototype.toString.call(value).slice(8, -1);
  if (typeof value === "bigint") return `${value}n`;
  return typeof value === "number" ? String(value) : `a ${typeof value}`;
}
