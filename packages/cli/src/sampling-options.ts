// Every option of the Sampler as a flag, in one table: a new strategy takes one more line here. Parts of an option have flags of their own,
// as in --xtc-probability. The package checks the values, and refuses options that it does not have.

import { type Command, Option } from "commander";
import type { SamplerOptions } from "logitdraw";
import { keepFollowingWords } from "./optional-values.js";
import { toJson } from "./output.js";
import {
  biases,
  idOrIds,
  integer,
  number,
  numbers,
  ORDERS,
  order,
  sequences,
  switchOr,
  weighedSequences,
} from "./values.js";

/** Options without a flag: given by the input (vocabSize), or not expressible on a command line. */
type NotFlags = "vocabSize" | "prefixAllowedTokens";
/** Options that are objects of options. */
type Group =
  | "xtc"
  | "dynamicTemperature"
  | "smoothing"
  | "mirostat"
  | "adaptiveP"
  | "penaltyScope"
  | "dry"
  | "noRepeatNgram"
  | "thinkingBudget";
type KeysOf<T> = T extends unknown ? keyof T & string : never;
type Part<G extends Group> = G extends Group ? `${G}.${KeysOf<NonNullable<SamplerOptions[G]>>}` : never;
/** An option's name, dotted for a part of an option. An n-gram's size has a single flag, whichever option it ends up in. */
export type Name = Exclude<keyof SamplerOptions, NotFlags | Group> | Exclude<Part<Group>, "noRepeatNgram.size">;
type Parser = (text: string) => unknown;

export interface Row {
  /** How --help shows the value, `[word]` if it may be omitted; absent: the flag is a switch. */
  value?: string;
  parse?: Parser;
  choices?: readonly string[];
  help: string;
  /** Whether a draw changes the law of the next one; `sample` then computes the law anew before every draw. */
  moves?: true;
}

const value = (shown: string, parse: Parser, help: string, moves?: true): Row => ({
  value: shown,
  parse,
  help,
  ...(moves && { moves }),
});
const numeric = (help: string, moves?: true) => value("<number>", number, help, moves);
const ids = (help: string, moves?: true) => value("<ids>", numbers, help, moves);
const idOrList = (help: string, moves?: true) => value("<id,...>", idOrIds, help, moves);
const choice = (choices: readonly string[], help: string, moves?: true): Row => ({
  value: "<name>",
  choices,
  help,
  ...(moves && { moves }),
});

const TEMPERATURE = {
  temperature: numeric("divides the logits; 0 is greedy, 1 leaves them"),
  "dynamicTemperature.range": numeric("the temperature follows the entropy, so far around --temperature"),
  "dynamicTemperature.low": numeric("or from here, where there is no entropy ..."),
  "dynamicTemperature.high": numeric("... to here, where all is flat"),
  "dynamicTemperature.exponent": numeric("bends the way between them"),
  "smoothing.factor": numeric("bends the logits with a quadratic curve, so much"),
  "smoothing.curve": numeric("1 to 3: how much of a cubic one comes in"),
} satisfies Partial<Record<Name, Row>>;

const TRUNCATION = {
  topK: numeric("keeps the k largest"),
  topKTies: choice(["keep", "exact"], "what equals the k-th stays too, or exactly k stay"),
  topP: numeric("keeps the fewest tokens whose mass reaches p"),
  minP: numeric("keeps what has at least this part of the best token's probability"),
  typicalP: numeric("keeps the tokens nearest to the expected surprise, to mass p"),
  epsilonCutoff: numeric("drops what is less probable than this"),
  etaCutoff: numeric("as epsilon, less strict where the distribution is flat"),
  topH: numeric("keeps this part of the entropy of the best 100"),
  topA: numeric("keeps p >= a * pmax^2"),
  topNSigma: numeric("keeps what lies at most n standard deviations under the best logit"),
  tailFree: numeric("cuts where this share of the sorted probabilities' curvature is spent"),
  pLess: value("[norm]", switchOr("norm"), 'keeps p >= sum of p^2, needs no number; "norm" is the relaxed rule'),
  minK: numeric(
    "cuts at the largest drop between neighbouring logits for their rank; keeps this / their range at least",
  ),
  minTokensToKeep: numeric("no truncation leaves fewer"),
  "xtc.probability": numeric("how often the top choices are excluded"),
  "xtc.threshold": numeric("what is a top choice: tokens at least so probable"),
  "xtc.protect": ids("tokens that are never excluded"),
  "mirostat.version": numeric("steers the surprise of what is drawn: 1 or 2", true),
  "mirostat.tau": numeric("to so many bits", true),
  "mirostat.eta": numeric("learning so fast", true),
  "mirostat.m": numeric("version 1 looks at so many of the best tokens", true),
  "adaptiveP.target": numeric("steers the probability of what is drawn to this", true),
  "adaptiveP.decay": numeric("how much of the average stays, token by token", true),
} satisfies Partial<Record<Name, Row>>;

const REPETITION = {
  repetitionPenalty: numeric("divides (or multiplies) the logits of tokens already seen", true),
  presencePenalty: numeric("taken from the logits of tokens already drawn", true),
  frequencyPenalty: numeric("taken once for each time a token was drawn", true),
  penaltyWindow: numeric("how many of the last tokens the penalties see", true),
  "penaltyScope.repetition": choice(["all", "output"], "whether the prompt counts for the first of them", true),
  "penaltyScope.frequencyPresence": choice(["all", "output"], "whether it counts for the other two", true),
  "dry.multiplier": numeric("penalises going on with a repeated sequence, so much at its shortest", true),
  "dry.base": numeric("growing by this factor a token", true),
  "dry.allowedLength": numeric("shorter repetitions cost nothing", true),
  "dry.window": numeric("how many tokens it looks back", true),
  "dry.sequenceBreakers": value("<ids;...>", sequences, "no repetition reaches over these: 13;198,198", true),
  noRepeatNgramSize: numeric("no sequence of this many tokens comes twice", true),
  "noRepeatNgram.window": numeric("the same, but only those that start in so many last tokens count", true),
  "noRepeatNgram.exempt": ids("the same, but for these tokens", true),
  badWords: value("<ids;...>", sequences, "token sequences that must not come: 5,7;9", true),
  sequenceBias: value(
    "<ids:bias;...>",
    weighedSequences,
    "added to a sequence's last token once the others stand: 5,7:-1.5",
    true,
  ),
} satisfies Partial<Record<Name, Row>>;

const TOKENS = {
  logitBias: value("<id:bias,...>", biases, "added to single logits: 5:-2,7:1.5"),
  allowedTokenIds: ids("only these"),
  suppressTokens: ids("never these"),
  beginSuppressTokens: ids("not these as first token", true),
} satisfies Partial<Record<Name, Row>>;

const LENGTH = {
  eosTokenId: idOrList("the token, or tokens, that end a text"),
  minNewTokens: numeric("no end before so many tokens", true),
  maxNewTokens: numeric("the text ends with so many, the last of them forced-eos-token-id", true),
  forcedBosTokenId: numeric("the first token", true),
  forcedEosTokenId: idOrList("the last token, at max-new-tokens", true),
  exponentialDecayLengthPenalty: value("<start,factor>", numbers, "makes the end more and more likely", true),
  "thinkingBudget.tokens": numeric("ends a thought that grows longer", true),
  "thinkingBudget.start": ids("the sequence that begins a thought", true),
  "thinkingBudget.end": ids("the sequence that ends it", true),
} satisfies Partial<Record<Name, Row>>;

const DRAWING = {
  removeInvalidValues: { help: "NaN and infinities become finite numbers instead of an error" },
  order: value("<chain>", order, ORDERS),
  generator: choice(
    ["philox", "torch", "torch-mkl", "numpy", "numpy-legacy", "llama.cpp"],
    "whose random numbers, and whose way of drawing",
  ),
  seed: value("<integer>", integer, "the same seed draws the same tokens; absent: a fresh one, which is printed"),
  sequence: value("<integer>", integer, "which stream of the seed"),
} satisfies Partial<Record<Name, Row>>;

/** The headings of --help, with the flags under each. */
const SECTIONS = {
  "Temperature:": TEMPERATURE,
  "What may be drawn:": TRUNCATION,
  "Repetition:": REPETITION,
  "Single tokens:": TOKENS,
  "Length:": LENGTH,
  "Drawing:": DRAWING,
} satisfies Record<string, Partial<Record<Name, Row>>>;

export const samplingOptions: Record<Name, Row> = {
  ...TEMPERATURE,
  ...TRUNCATION,
  ...REPETITION,
  ...TOKENS,
  ...LENGTH,
  ...DRAWING,
};

/** Converts an option's name to its flag: `xtc.probability` -> `--xtc-probability`. */
export const flagOf = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace(".", "-")}`;

/** Converts an option's name to the parser's name of its flag: `xtc.probability` -> `xtcProbability`. */
const keyOf = (name: string): string => name.replace(/\.(.)/, (_, letter: string) => letter.toUpperCase());

/** Adds all sampling flags to a command, under their headings in its --help. */
export function addSamplingOptions(command: Command): Command {
  for (const [heading, rows] of Object.entries(SECTIONS)) {
    for (const [name, row] of Object.entries(rows as Record<string, Row>)) {
      const option = new Option(row.value ? `${flagOf(name)} ${row.value}` : flagOf(name), row.help);
      option.helpGroup(heading);
      option.negate = false; // commander would read --no-repeat-ngram-size as the opposite of --repeat-ngram-size
      if (row.parse) option.argParser(row.parse);
      if (row.choices) option.choices(row.choices);
      command.addOption(option);
      if (row.value?.startsWith("[")) keepFollowingWords(command, flagOf(name), row.value.slice(1, -1));
    }
  }
  return command;
}

/** Returns the sampling options among a command's parsed flags. */
export function pickSamplingOptions(flags: Record<string, unknown>): Omit<SamplerOptions, NotFlags> {
  const options: Record<string, unknown> = {};
  for (const name of Object.keys(samplingOptions)) {
    const given = flags[keyOf(name)];
    if (given === undefined) continue;
    const [whole = name, part] = name.split(".");
    if (part === undefined) options[whole] = given;
    else options[whole] = { ...(options[whole] as object | undefined), [part]: given };
  }
  const { noRepeatNgramSize: size, noRepeatNgram: ngram, ...rest } = options;
  if (ngram === undefined) return options;
  return { ...rest, noRepeatNgram: { ...(size !== undefined && { size }), ...(ngram as object) } } as object;
}

/** Whether the law of a draw depends on the draws before it. */
export const movesLaw = (options: object): boolean =>
  Object.entries(samplingOptions).some(([name, { moves }]) => moves && (name.split(".")[0] as string) in options);

/** Describes options for headings: `topK 40, temperature 0.8`. */
export function describe(options: object): string {
  const shown = Object.entries(options).map(([name, value]) => {
    if (value === true) return name;
    return `${name} ${typeof value === "object" ? toJson(value) : value}`;
  });
  return shown.length > 0 ? shown.join(", ") : "temperature 1, nothing cut";
}
