// What a user can get wrong, and with which code the process then ends.

import { LogitdrawError } from "logitdraw";

export const EXIT_OK = 0;
/** A file that cannot be read, logits that cannot be drawn from, a model that is not there. */
export const EXIT_RUNTIME = 1;
/** A command, flag or value that makes no sense. */
export const EXIT_USAGE = 2;
/** Ctrl-C, as shells count it: 128 + SIGINT. */
export const EXIT_INTERRUPTED = 130;

/** Something that the input is to blame for: shown as one line, without a stack trace. */
export class InputError extends Error {}

/** A value of a flag that makes no sense. */
export class UsageError extends Error {}

/**
 * The line to show and the code to end with; undefined for a defect of this program, which deserves its stack trace.
 */
export function explain(error: unknown): { message: string; exitCode: number } | undefined {
  if (error instanceof UsageError) return { message: error.message, exitCode: EXIT_USAGE };
  if (error instanceof InputError) return { message: error.message, exitCode: EXIT_RUNTIME };
  if (error instanceof LogitdrawError) {
    const usage = error.code === "INVALID_OPTION" || error.code === "UNKNOWN_OPTION";
    return { message: `${error.message} (${error.code})`, exitCode: usage ? EXIT_USAGE : EXIT_RUNTIME };
  }
  return undefined;
}
