// Every option of the Sampler as a flag, in one table: a new strategy is a new line here. What a value may be is
// checked by the package, which also refuses an option it does not have.

import { type Command, Option } from "commander";
import type { SamplerOptions } from "logitdraw";
import { biases, idOrIds, integer, json, names, number, numbers } from "./values.js";

/** Given by the input (vocabSize), or not expressible on a command line. */
type NotFlags = "vocabSize" | "prefixAllowedTokens";
type Name = Exclude<keyof SamplerOptions, NotFlags>;
type Parser = (text: string) => unknown;

interface Row {
  /** How the value is shown in --help; absent: a switch. */
  value?: string;
  parse?: Parser;
  choices?: readonly string[];
  help: string;
  /** What one draw does changes the law of the next: `sample` then asks for it anew before every draw. */
  moves?: true;
}

const numeric = (help: string, moves?: true): Row => ({
  value: "<number>",
  parse: number,
  help,
  ...(moves && { moves }),
});
const ids = (help: string, moves?: true): Row => ({ value: "<ids>", parse: numbers, help, ...(moves && { moves }) });
const structured = (example: string, help: string, moves?: true): Row => ({
  value: "<json>",
  parse: json,
  help: `${help}: '${example}'`,
  ...(moves && { moves }),
});

export const samplingOptions: Record<Name, Row> = {
  temperature: numeric("divides the logits; 0 is greedy, 1 leaves them"),
  topK: numeric("keeps the k largest"),
  topKTies: { value: "<rule>", choices: ["keep", "exact"], help: "what equals the k-th stays too, or exactly k stay" },
  topP: numeric("keeps the fewest tokens whose mass reaches p"),
  minP: numeric("keeps what has at least this part of the best token's probability"),
  typicalP: numeric("keeps the tokens nearest to the expected surprise, to mass p"),
  epsilonCutoff: numeric("drops what is less probable than this"),
  etaCutoff: numeric("as epsilon, less strict where the distribution is flat"),
  topH: numeric("keeps this part of the entropy of the best 100"),
  topA: numeric("keeps p >= a * pmax^2"),
  topNSigma: numeric("keeps what lies at most n standard deviations under the best logit"),
  tailFree: numeric("cuts where the sorted probabilities stop bending"),
  pLess: { value: "[norm]", parse: (text) => text, help: "keeps p >= sum of p^2, needs no number" },
  minK: numeric("cuts at the largest drop between neighbouring logits"),
  minTokensToKeep: numeric("no truncation leaves fewer"),
  xtc: structured('{"probability":0.5,"threshold":0.1}', "excludes top choices at random", true),
  dynamicTemperature: structured('{"range":0.5}', "a temperature that follows the entropy"),
  smoothing: structured('{"factor":0.2}', "bends the logits with a quadratic curve"),
  mirostat: structured('{"version":2,"tau":5}', "steers the surprise to tau", true),
  adaptiveP: structured('{"target":0.3}', "steers the probability of the drawn tokens", true),
  repetitionPenalty: numeric("divides (or multiplies) the logits of tokens already seen", true),
  presencePenalty: numeric("taken from the logits of tokens already drawn", true),
  frequencyPenalty: numeric("taken once for each time a token was drawn", true),
  penaltyWindow: numeric("how many of the last tokens the penalties see", true),
  penaltyScope: structured('{"repetition":"output"}', "whether the prompt counts for the penalties", true),
  dry: structured('{"multiplier":0.8}', "penalises going on with a repeated sequence", true),
  noRepeatNgramSize: numeric("no sequence of this many tokens comes twice", true),
  noRepeatNgram: structured('{"size":3,"window":64}', "the same, in a window, with exempt ids", true),
  badWords: structured("[[5,7],[9]]", "token sequences that must not come", true),
  logitBias: { value: "<biases>", parse: biases, help: "added to single logits: 5:-2,7:1.5 or JSON" },
  sequenceBias: structured("[[[5,7],-1.5]]", "added to a sequence's last token once the others stand", true),
  allowedTokenIds: ids("only these"),
  suppressTokens: ids("never these"),
  beginSuppressTokens: ids("not these as first token", true),
  eosTokenId: { value: "<ids>", parse: idOrIds, help: "the token, or tokens, that end a text" },
  minNewTokens: numeric("no end before so many tokens", true),
  maxNewTokens: numeric("the length that forced-eos-token-id looks at", true),
  forcedBosTokenId: numeric("the first token", true),
  forcedEosTokenId: { value: "<ids>", parse: idOrIds, help: "the last token, at max-new-tokens", moves: true },
  exponentialDecayLengthPenalty: {
    value: "<start,factor>",
    parse: numbers,
    help: "makes the end more and more likely",
    moves: true,
  },
  thinkingBudget: structured('{"tokens":9,"start":[1],"end":[2]}', "ends a thought that grows too long", true),
  removeInvalidValues: { help: "NaN and infinities become finite numbers instead of an error" },
  order: { value: "<chain>", parse: names, help: "transformers, llama.cpp, vllm, or stages: topK,temperature,..." },
  generator: {
    value: "<name>",
    choices: ["philox", "torch", "torch-mkl", "numpy", "numpy-legacy", "llama.cpp"],
    help: "whose random numbers, and whose way of drawing",
  },
  seed: {
    value: "<integer>",
    parse: integer,
    help: "the same seed draws the same tokens; absent: a fresh one, which is printed",
  },
  sequence: { value: "<integer>", parse: integer, help: "which stream of the seed" },
};

export const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Adds all sampling flags to a command, under a heading of their own in its --help. */
export function addSamplingOptions(command: Command): Command {
  for (const [name, row] of Object.entries(samplingOptions) as [Name, Row][]) {
    const option = new Option(row.value ? `${flagOf(name)} ${row.value}` : flagOf(name), row.help).helpGroup(
      "Sampling:",
    );
    option.negate = false; // commander would read --no-repeat-ngram-size as the opposite of --repeat-ngram-size
    if (row.parse) option.argParser(row.parse);
    if (row.choices) option.choices(row.choices);
    command.addOption(option);
  }
  return command;
}

/** The sampling options among a command's parsed flags. */
export function pickSamplingOptions(flags: Record<string, unknown>): Omit<SamplerOptions, NotFlags> {
  const given = Object.keys(samplingOptions).filter((name) => flags[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, flags[name]]));
}

/** Whether the law of a draw depends on the draws before it. */
export const movesLaw = (options: object): boolean =>
  Object.keys(options).some((name) => samplingOptions[name as Name]?.moves);

/** `topK 40, temperature 0.8`, for headings. */
export function describe(options: object): string {
  const shown = Object.entries(options).map(([name, value]) => {
    if (value === true) return name;
    if (typeof value === "bigint") return `${name} ${value}`;
    return `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`;
  });
  return shown.length > 0 ? shown.join(", ") : "temperature 1, nothing cut";
}
