// The mistakes a user can make, and the exit code for each.

import { LogitdrawError } from "logitdraw";
import { ORDERS } from "./values.js";

export const EXIT_OK = 0;
/** A file that cannot be read, logits that cannot be drawn from, a missing model, output that cannot be written. */
export const EXIT_RUNTIME = 1;
/** A command, flag or value that makes no sense. */
export const EXIT_USAGE = 2;
/** Ctrl-C, as shells count it: 128 + SIGINT. */
export const EXIT_INTERRUPTED = 130;

/** An error in the input: shown as one line, without a stack trace. */
export class InputError extends Error {}

/** A flag's value that makes no sense, by itself or for the file it is given with. */
export class UsageError extends Error {}

/**
 * Returns the line to show and the exit code; undefined for a defect of this program, which should show its stack trace.
 */
export function explain(error: unknown): { message: string; exitCode: number } | undefined {
  if (error instanceof UsageError) return { message: error.message, exitCode: EXIT_USAGE };
  if (error instanceof InputError) return { message: error.message, exitCode: EXIT_RUNTIME };
  if (error instanceof LogitdrawError) {
    const usage = error.code === "INVALID_OPTION" || error.code === "UNKNOWN_OPTION";
    // A word that is not a preset was passed to the package as a stage, so its error does not mention the presets; this hint does.
    const hint = usage && error.option === "order" ? `; --order takes ${ORDERS}` : "";
    return { message: `${error.message} (${error.code})${hint}`, exitCode: usage ? EXIT_USAGE : EXIT_RUNTIME };
  }
  return undefined;
}
