#!/usr/bin/env node
// The process: runs the program, and ends it as a shell expects.

import { CommanderError } from "commander";
import { EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE, explain } from "./errors.js";
import { colors } from "./output.js";
import { createProgram } from "./program.js";

// `logitdraw ... | head`: the reader has enough, which is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(EXIT_OK);
  throw error;
});

process.once("SIGINT", () => {
  process.stderr.write("\n");
  process.exit(EXIT_INTERRUPTED);
});

try {
  await createProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed what is wrong, or the help that was asked for.
    process.exitCode = error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
  } else {
    const known = explain(error);
    if (known === undefined) throw error;
    process.stderr.write(`${colors.red("error:")} ${known.message}\n`);
    process.exitCode = known.exitCode;
  }
}
