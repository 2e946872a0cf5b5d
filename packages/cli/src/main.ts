#!/usr/bin/env node
// The process: runs the program and exits the way a shell expects.

import { getSystemErrorMap } from "node:util";
import { CommanderError } from "commander";
import { EXIT_OK, EXIT_RUNTIME, EXIT_USAGE, explain } from "./errors.js";
import { noteColors } from "./output.js";
import { createProgram } from "./program.js";

// As in `logitdraw ... | head`: the reader has read enough, which is not an error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(EXIT_OK);
  // A full disk, for example: not a defect of this program, so there is no stack trace.
  const reason = getSystemErrorMap().get(error.errno ?? 0)?.[1] ?? error.message;
  complain(`cannot write to standard output: ${reason}`);
  process.exit(EXIT_RUNTIME);
});
// Ignored: a remark that cannot be shown is no reason to stop, and there is nowhere left to report it.
process.stderr.on("error", () => {});

try {
  await createProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has already printed what is wrong, or the help that was asked for.
    process.exitCode = error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
  } else {
    const known = explain(error);
    if (known === undefined) throw error;
    complain(known.message);
    process.exitCode = known.exitCode;
  }
}

function complain(message: string): void {
  process.stderr.write(`${noteColors.red("error:")} ${message}\n`);
}
