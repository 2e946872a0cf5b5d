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

/** The options that have flags: all but those given by the input (vocabSize) or not expressible on a command line. */
export type Sampling = Omit<SamplerOptions, "vocabSize" | "prefixAllowedTokens">;
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
type Part<G extends Group> = G extends Group ? `${G}.${KeysOf<NonNullable<Sampling[G]>>}` : never;
/** An option's name, dotted for a part of an option. An n-gram's size has a single flag, whichever option it ends up in. */
type Name = Exclude<keyof Sampling, Group> | Exclude<Part<Group>, "noRepeatNgram.size">;
type Parser = (text: string) => unknown;

interface Flag {
  /** How --help shows the value, `[word]` if it may be omitted; absent: the flag is a switch. */
  value?: string;
  parse?: Parser;
  choices?: readonly string[];
  help: string;
}

const value = (shown: string, parse: Parser, help: string): Flag => ({ value: shown, parse, help });
const numeric = (help: string) => value("<number>", number, help);
const ids = (help: string) => value("<ids>", numbers, help);
const idOrList = (help: string) => value("<id,...>", idOrIds, help);
const choice = (choices: readonly string[], help: string): Flag => ({ value: "<name>", choices, help });

const TEMPERATURE = {
  temperature: numeric("divides the logits; 0 is greedy, 1 leaves them"),
  "dynamicTemperature.range": numeric("the temperature follows the entropy, within this distance of --temperature"),
  "dynamicTemperature.low": numeric("or between this, for a distribution without entropy ..."),
  "dynamicTemperature.high": numeric("... and this, for a flat one"),
  "dynamicTemperature.exponent": numeric("exponent of the path between the two"),
  "smoothing.factor": numeric("how strongly a quadratic curve bends the logits; 0 is off"),
  "smoothing.curve": numeric("1 to 3: how much of a cubic curve is added"),
} satisfies Partial<Record<Name, Flag>>;

const TRUNCATION = {
  topK: numeric("keeps the k largest logits"),
  topKTies: choice(["keep", "exact"], "keep all ties with the k-th, or exactly k tokens"),
  topP: numeric("keeps the fewest tokens whose probabilities sum to p"),
  minP: numeric("keeps tokens with at least this share of the best token's probability"),
  typicalP: numeric("keeps the tokens nearest to the expected surprise, until they sum to p"),
  epsilonCutoff: numeric("drops tokens less probable than this"),
  etaCutoff: numeric("like --epsilon-cutoff, but less strict where the distribution is flat"),
  topH: numeric("keeps this share of the entropy of the best 100 tokens"),
  topA: numeric("keeps tokens with p >= a * pmax^2"),
  topNSigma: numeric("keeps logits at most n standard deviations below the best"),
  tailFree: numeric("cuts the tail after this share of the sorted probabilities' curvature"),
  pLess: value("[norm]", switchOr("norm"), 'keeps tokens with p >= sum of p^2; "norm" is the relaxed rule'),
  minK: numeric("cuts the sorted logits at their steepest relative drop; keeps at least <number> / range of them"),
  minTokensToKeep: numeric("no truncation leaves fewer tokens than this"),
  "xtc.probability": numeric("how often the top choices are excluded"),
  "xtc.threshold": numeric("the probability from which a token is a top choice"),
  "xtc.protect": ids("tokens that are never excluded"),
  "mirostat.version": numeric("1 or 2: steers the surprise of the tokens drawn"),
  "mirostat.tau": numeric("the surprise to steer to, in bits"),
  "mirostat.eta": numeric("the learning rate"),
  "mirostat.m": numeric("how many of the best tokens version 1 looks at"),
  "adaptiveP.target": numeric("the probability to which that of the tokens drawn is steered"),
  "adaptiveP.decay": numeric("the share of the average kept at each token"),
} satisfies Partial<Record<Name, Flag>>;

const REPETITION = {
  repetitionPenalty: numeric("divides (or multiplies) the logits of tokens already seen"),
  presencePenalty: numeric("subtracted from the logits of tokens already drawn"),
  frequencyPenalty: numeric("subtracted once for each time a token was drawn"),
  penaltyWindow: numeric("how many of the last tokens the penalties look at"),
  "penaltyScope.repetition": choice(["all", "output"], "whether the prompt counts for --repetition-penalty"),
  "penaltyScope.frequencyPresence": choice(["all", "output"], "whether it counts for the other two penalties"),
  "dry.multiplier": numeric("DRY: the penalty for continuing the shortest repetition that counts"),
  "dry.base": numeric("the factor by which it grows with each further token"),
  "dry.allowedLength": numeric("repetitions shorter than this cost nothing"),
  "dry.window": numeric("how many of the last tokens DRY looks at"),
  "dry.sequenceBreakers": value("<ids;...>", sequences, "sequences that no repetition extends across: 13;198,198"),
  noRepeatNgramSize: numeric("no sequence of this many tokens occurs twice"),
  "noRepeatNgram.window": numeric("only sequences that start in this many last tokens count"),
  "noRepeatNgram.exempt": ids("tokens that may repeat all the same"),
  badWords: value("<ids;...>", sequences, "token sequences that must not occur: 5,7;9"),
  sequenceBias: value(
    "<ids:bias;...>",
    weighedSequences,
    "added to the logit of a sequence's last token after the others: 5,7:-1.5",
  ),
} satisfies Partial<Record<Name, Flag>>;

const TOKENS = {
  logitBias: value("<id:bias,...>", biases, "added to the logits of single tokens: 5:-2,7:1.5"),
  allowedTokenIds: ids("only these tokens may be drawn"),
  suppressTokens: ids("these tokens are never drawn"),
  beginSuppressTokens: ids("these are not drawn as the first token"),
} satisfies Partial<Record<Name, Flag>>;

const LENGTH = {
  eosTokenId: idOrList("the end token or tokens: generate stops at them"),
  minNewTokens: numeric("no end token before this many new tokens"),
  maxNewTokens: numeric("how many new tokens the text has at most"),
  forcedBosTokenId: numeric("forces the first token, after a prompt of one token"),
  forcedEosTokenId: idOrList("forces the last token, the one at --max-new-tokens"),
  exponentialDecayLengthPenalty: value(
    "<start,factor>",
    numbers,
    "makes end tokens more and more likely after <start> new tokens",
  ),
  "thinkingBudget.tokens": numeric("the length at which a thought is ended"),
  "thinkingBudget.start": ids("the sequence that begins a thought"),
  "thinkingBudget.end": ids("the sequence that ends it"),
} satisfies Partial<Record<Name, Flag>>;

const DRAWING = {
  removeInvalidValues: { help: "NaN and infinities become finite numbers instead of an error" },
  order: value("<chain>", order, ORDERS),
  generator: choice(
    ["philox", "torch", "torch-mkl", "numpy", "numpy-legacy", "llama.cpp"],
    "whose random numbers and whose way of drawing",
  ),
  seed: value("<integer>", integer, "the same seed draws the same tokens; absent: a random one, which is printed"),
  sequence: value("<integer>", integer, "which stream of the seed"),
} satisfies Partial<Record<Name, Flag>>;

/** The headings of --help, with the flags under each. */
const SECTIONS = {
  "Temperature:": TEMPERATURE,
  "What may be drawn:": TRUNCATION,
  "Repetition:": REPETITION,
  "Single tokens:": TOKENS,
  "Length:": LENGTH,
  "Drawing:": DRAWING,
} satisfies Record<string, Partial<Record<Name, Flag>>>;

export const samplingOptions: Record<Name, Flag> = {
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
  for (const [heading, flags] of Object.entries(SECTIONS)) {
    for (const [name, flag] of Object.entries(flags as Record<string, Flag>)) {
      const option = new Option(flag.value ? `${flagOf(name)} ${flag.value}` : flagOf(name), flag.help);
      option.helpGroup(heading);
      option.negate = false; // commander would read --no-repeat-ngram-size as the opposite of --repeat-ngram-size
      if (flag.parse) option.argParser(flag.parse);
      if (flag.choices) option.choices(flag.choices);
      command.addOption(option);
      if (flag.value?.startsWith("[")) keepFollowingWords(command, flagOf(name), flag.value.slice(1, -1));
    }
  }
  return command;
}

/** Returns the sampling options among a command's parsed flags. */
export function pickSamplingOptions(flags: Record<string, unknown>): Sampling {
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

/** Options by which a draw changes the law of the next, if only together with others; test/moving.test.ts checks the list by experiment. */
const MOVING: readonly (keyof Sampling)[] = [
  "mirostat",
  "adaptiveP",
  "repetitionPenalty",
  "presencePenalty",
  "frequencyPenalty",
  "penaltyWindow",
  "penaltyScope",
  "dry",
  "noRepeatNgramSize",
  "noRepeatNgram",
  "badWords",
  "sequenceBias",
  "beginSuppressTokens",
  "minNewTokens",
  "maxNewTokens",
  "forcedBosTokenId",
  "forcedEosTokenId",
  "exponentialDecayLengthPenalty",
  "thinkingBudget",
];

/** Whether the law of a draw depends on the draws before it, so that `sample` has to compute it anew before each. */
export const movesLaw = (options: object): boolean => MOVING.some((name) => name in options);

/** Describes options for headings: `topK 40, temperature 0.8`. */
export function describe(options: object): string {
  const shown = Object.entries(options).map(([name, value]) => {
    if (value === true) return name;
    return `${name} ${typeof value === "object" ? toJson(value) : value}`;
  });
  return shown.length > 0 ? shown.join(", ") : "temperature 1, no truncation";
}
