// Generates text with a real model and shows it on the terminal as its tokens are drawn.

import ora from "ora";
import { EXIT_INTERRUPTED } from "./errors.js";
import { loadModel, type Model } from "./model.js";
import { colors, note, noteColors, plural, print, printJson } from "./output.js";
import type { Sampling } from "./sampling-options.js";
import { type Told, tell } from "./tell.js";

interface GenerateSettings {
  prompt: string;
  model: string;
  /** Absent: the default of {@link tell}. */
  maxTokens?: number;
  json?: boolean;
  sampling: Sampling;
}

export async function generate(settings: GenerateSettings): Promise<void> {
  const { prompt, sampling, maxTokens } = settings;
  endOnInterrupt();
  const model = await loadWithProgress(settings.model);
  if (settings.json) {
    let text = "";
    const told = await tell(model, prompt, sampling, maxTokens, (piece) => {
      text += piece;
    });
    printJson({ prompt, text, options: sampling, ...told });
    return;
  }
  note(summary(await stream(model, prompt, sampling, maxTokens)));
}

/** Makes Ctrl-C end the line and then the process. The other commands draw in loops that give no handler a turn: there, none is set. */
export function endOnInterrupt(): void {
  process.once("SIGINT", () => {
    process.stderr.write("\n");
    process.exit(EXIT_INTERRUPTED);
  });
}

/** Loads the model, showing its progress on standard error: a spinner on a terminal, a single plain line in a pipe. */
export async function loadWithProgress(directory: string): Promise<Model> {
  const start = performance.now();
  const color = noteColors.isColorSupported ? "cyan" : false;
  const spinner = ora({ text: "loading the model", stream: process.stderr, discardStdin: false, color });
  // A terminal that does not know its width says 0 columns, of which ora would clear infinitely many lines. A pipe has no columns.
  if (process.stderr.columns > 0) spinner.start();
  else process.stderr.write("loading the model\n");
  try {
    const model = await loadModel(directory, (step) => {
      spinner.text = `loading the model: ${step}`;
    });
    spinner.stop();
    note(`model loaded in ${((performance.now() - start) / 1000).toFixed(1)} s`);
    return model;
  } catch (error) {
    spinner.stop();
    throw error;
  }
}

/** Prints the prompt and its continuation, piece by piece; prints nothing if the options or the prompt are refused. */
export async function stream(model: Model, prompt: string, sampling: Sampling, maxTokens?: number): Promise<Told> {
  let begun = false;
  const show = (text: string) => {
    process.stdout.write(begun ? text : `${colors.bold(prompt)}${text}`);
    begun = true;
  };
  try {
    const told = await tell(model, prompt, sampling, maxTokens, show);
    show("");
    return told;
  } finally {
    if (begun) print();
  }
}

function summary({ tokens, elapsed, drawing, seed, reason }: Told): string {
  const each = (time: number) => (time / Math.max(tokens.length, 1)).toFixed(time < 1000 ? 3 : 2);
  const ends = {
    eos: "ended by an end token",
    length: "as many as asked for",
    context: "the model's context is full",
  };
  return `${plural(tokens.length, "token")} (${ends[reason]}), ${each(elapsed)} ms each, ${each(drawing)} ms of it drawing; seed ${seed}`;
}
