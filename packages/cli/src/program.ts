// The commands, their flags and their help. Each command is implemented in a file of its own.

import { Command, Option } from "commander";
import { demo } from "./demo.js";
import { experiment, MOST_DRAWS } from "./experiment.js";
import { generate } from "./generate.js";
import { FORMATS } from "./logits-file.js";
import { DEFAULT_MODEL } from "./model.js";
import { MOST_SAMPLES, sample } from "./sample.js";
import { addSamplingOptions, pickSamplingOptions } from "./sampling-options.js";
import { suggestWhole } from "./suggestion.js";
import { DEFAULT_TOKENS } from "./tell.js";
import { count, integer, number } from "./values.js";

declare const VERSION: string;

const JSON_FLAG = ["--json", "one JSON document instead of a table or a text"] as const;

export function createProgram(): Command {
  const program = new Command("logitdraw")
    .description("Draws the next token: logits in, token out, and the same seed gives the same token on every machine.")
    .version(VERSION)
    .showHelpAfterError("(--help lists all options)")
    .exitOverride();
  for (const command of [experimentCommand(), sampleCommand(), generateCommand(), demoCommand()]) {
    const flags = command.options.flatMap(({ long }) => long ?? []);
    command.copyInheritedSettings(program);
    command.configureOutput({ outputError: (text, write) => write(suggestWhole(text, flags)) });
    program.addCommand(command);
  }
  program.addHelpText(
    "after",
    "\nExit codes: 0 success; 1 the input is at fault (a file, logits, a model) or the output cannot be written; 2 the command line is at fault\n(a flag, a value, or a value that does not fit the file); 130 Ctrl-C.",
  );
  return program;
}

function experimentCommand(): Command {
  return new Command("experiment")
    .description("the textbook's experiment: nine words, a thousand draws, torch's own counts")
    .option("--temperature <number>", "divides the logits; 0.1 is cold, 5 is hot", number, 1)
    .option("--top-k <k>", "keep the k most likely words (absent: all nine)", count(1))
    .addOption(new Option("--seed <integer>", "as for torch.manual_seed").argParser(integer).default(123n, "123"))
    .option("--draws <n>", "how many draws", count(0, MOST_DRAWS), 1000)
    .option(...JSON_FLAG)
    .addHelpText(
      "after",
      examples("experiment", "experiment --temperature 5", "experiment --temperature 5 --top-k 5 --seed 7 --json"),
    )
    .action(experiment);
}

function sampleCommand(): Command {
  const command = new Command("sample")
    .description("draws from the logits in a file: .npy, .json or raw .f32")
    .argument(
      "<file>",
      "[V] or [N, V] numbers: .npy (float32, float16, float64), .json, raw little-endian .f32; - is standard input",
    )
    .option("-n, --n <count>", "how many draws from each row", count(1, MOST_SAMPLES), 1)
    .option("--row <index>", "only this row, counted from 0 (absent: all)", count(0))
    .option("--row-length <V>", "for .f32: how many numbers make a row (absent: all)", count(1))
    .addOption(
      new Option("--format <name>", "the file's format (absent: told by its name or content)").choices(FORMATS),
    )
    .option(...JSON_FLAG);
  return addSamplingOptions(command)
    .addHelpText(
      "after",
      `${examples("sample logits.npy --temperature 0.8 --top-k 40", "sample logits.json --n 1000 --top-p 0.95 --seed 1", "sample - --format f32 --row-length 128256 < logits.f32")}

The draws are the steps of one sequence, row after row: a penalty sees the tokens drawn before it.`,
    )
    .action(async (file: string, flags) => sample({ ...flags, file, sampling: pickSamplingOptions(flags) }));
}

function generateCommand(): Command {
  const command = new Command("generate")
    .description("text from a real model, its tokens drawn by logitdraw")
    .argument("[prompt]", "the beginning of the text", "Once upon a time")
    .option("--model <directory>", "a model in transformers.js's layout, dtype q8", DEFAULT_MODEL)
    .option(
      "--max-tokens <n>",
      `at most this many new tokens (default: --max-new-tokens, or ${DEFAULT_TOKENS})`,
      count(1),
    )
    .option(...JSON_FLAG);
  return addSamplingOptions(command)
    .addHelpText(
      "after",
      examples(
        "generate",
        'generate "The king" --temperature 0.8 --top-k 40 --seed 1',
        "generate --temperature 0 --json",
      ),
    )
    .action(async (prompt: string, flags) => generate({ ...flags, prompt, sampling: pickSamplingOptions(flags) }));
}

function demoCommand(): Command {
  return new Command("demo").description("the experiment, draws from real logits, and four texts").action(demo);
}

const examples = (...lines: string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ logitdraw ${line}`).join("\n")}`;
