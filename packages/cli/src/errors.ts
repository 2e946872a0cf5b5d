// What a user can get wrong, and with which code the process then ends.

import { LogitdrawError } from "logitdraw";
import { ORDERS } from "./values.js";

export const EXIT_OK = 0;
/** A file that cannot be read, logits that cannot be drawn from, a model that is not there, output that cannot be written. */
export const EXIT_RUNTIME = 1;
/** A command, flag or value that makes no sense. */
export const EXIT_USAGE = 2;
/** Ctrl-C, as shells count it: 128 + SIGINT. */
export const EXIT_INTERRUPTED = 130;

/** Something that the input is to blame for: shown as one line, without a stack trace. */
export class InputError extends Error {}

/** A value of a flag that makes no sense, or none for the file it is given with. */
export class UsageError extends Error {}

/**
 * The line to show and the code to end with; undefined for a defect of this program, which deserves its stack trace.
 */
export function explain(error: unknown): { message: string; exitCode: number } | undefined {
  if (error instanceof UsageError) return { message: error.message, exitCode: EXIT_USAGE };
  if (error instanceof InputError) return { message: error.message, exitCode: EXIT_RUNTIME };
  if (error instanceof LogitdrawError) {
    const usage = error.code === "INVALID_OPTION" || error.code === "UNKNOWN_OPTION";
    // A word that is no preset went to the package as a stage, so only here is it said that there are presets.
    const hint = usage && error.option === "order" ? `; --order takes ${ORDERS}` : "";
    return { message: `${error.message} (${error.code})${hint}`, exitCode: usage ? EXIT_USAGE : EXIT_RUNTIME };
  }
  return undefined;
}
