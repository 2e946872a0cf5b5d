// What `npm start` shows: the textbook's experiment, draws from real logits, and a real model that makes the same point.

import { fileURLToPath } from "node:url";
import { sampleLogits } from "@logitdraw/tiny-tales";
import { experiment } from "./experiment.js";
import { endOnInterrupt, loadWithProgress, stream } from "./generate.js";
import { DEFAULT_MODEL } from "./model.js";
import { colors, print } from "./output.js";
import { sample } from "./sample.js";
import type { Sampling } from "./sampling-options.js";

const SEED = 123n;
const PROMPT = "Once upon a time";
const TOKENS = 80;

const SETTINGS: readonly { temperature: number; topK?: number; says: string }[] = [
  { temperature: 1, says: "The model's own probabilities: three words share nearly everything." },
  { temperature: 0.1, says: "Cold: nearly always the best word." },
  { temperature: 5, says: 'Hot: nearly any word, even "pizza".' },
  { temperature: 5, topK: 5, says: "Hot, but only among the five best words: varied, and no nonsense." },
];

const WAYS: readonly { sampling: Sampling; title: string; says: string }[] = [
  {
    sampling: { temperature: 0 },
    title: "greedy",
    says: "Always the most likely token: the text goes round in circles.",
  },
  { sampling: { temperature: 0.8, topK: 40 }, title: "temperature 0.8, top-k 40", says: "The usual way: lively." },
  { sampling: { temperature: 5 }, title: "temperature 5", says: "Too hot: gibberish." },
  {
    sampling: { temperature: 5, topK: 5 },
    title: "temperature 5, top-k 5",
    says: "Just as hot, but only the five best tokens: sentences again.",
  },
];

export async function demo(): Promise<void> {
  heading("1. The experiment: 1,000 draws from nine words");
  for (const { says, ...settings } of SETTINGS) {
    print(colors.italic(says));
    experiment({ ...settings, seed: SEED, draws: 1000 });
    print();
  }

  heading(
    "2. Draws from a real model's logits (logitdraw sample FILE --row 3 --n 1000 --temperature 0.8 --top-k 40 --seed 123)",
  );
  const file = fileURLToPath(sampleLogits);
  await sample({ file, row: 3, n: 1000, sampling: { temperature: 0.8, topK: 40, seed: SEED } });
  print();

  heading(`3. "${PROMPT}", told four ways by a model of 2.2 million parameters`);
  endOnInterrupt();
  const model = await loadWithProgress(DEFAULT_MODEL);
  for (const { sampling, title, says } of WAYS) {
    print();
    print(`${colors.cyan(title)}  ${colors.italic(says)}`);
    await stream(model, PROMPT, { ...sampling, seed: SEED }, TOKENS);
  }
}

function heading(text: string): void {
  print(colors.bold(colors.green(text)));
  print();
}
