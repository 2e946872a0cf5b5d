// The options of a sampler, as callers give them. prepare.ts passes them to the core, which checks names and ranges.

import type { GeneratorName } from "./generator.js";

/** The stages of the chain, each named after the option that turns it on (`noRepeatNgram` runs in the stage of `noRepeatNgramSize`). */
export type StageName =
  | "allowedTokenIds"
  | "logitBias"
  | "sequenceBias"
  | "repetitionPenalty"
  | "presencePenalty"
  | "frequencyPenalty"
  | "dry"
  | "noRepeatNgramSize"
  | "badWords"
  | "minNewTokens"
  | "forcedBosTokenId"
  | "forcedEosTokenId"
  | "thinkingBudget"
  | "exponentialDecayLengthPenalty"
  | "suppressTokens"
  | "beginSuppressTokens"
  | "topNSigma"
  | "minK"
  | "temperature"
  | "dynamicTemperature"
  | "smoothing"
  | "pLess"
  | "topH"
  | "topK"
  | "topP"
  | "minP"
  | "typicalP"
  | "epsilonCutoff"
  | "etaCutoff"
  | "tailFree"
  | "topA"
  | "adaptiveP"
  | "mirostat"
  | "xtc";

/**
 * Options of a {@link Sampler}. An option that is absent (or undefined) is off; unknown names and impossible values are errors.
 *
 * Probabilities, entropies (in nats) and counts are always those of the tokens still alive when the option's stage runs in the chain
 * (`order`). Token ids are below `vocabSize`. The options are copied: changing the lists later has no effect.
 */
export interface SamplerOptions {
  /** How many tokens the vocabulary has: the length of every row of logits, 1 to 2^31. */
  vocabSize: number;

  // ---- temperature ----
  /** Divides the logits; 0 is greedy: it takes the best token, the lowest id of equal ones. 0 to 3.4e38, default 1. */
  temperature?: number;
  /**
   * A temperature that follows the entropy: `low + (high - low) * (H / ln n)^exponent` for n tokens alive with entropy H. Give `low` and
   * `high`, and no `temperature`; or a `range` that puts them that far below (but not below 0) and above `temperature`. All are at least
   * 0, and `high` is at least `low`; `exponent` is 1 by default. A range of 0 leaves the temperature as it is. (kalomaze 2023; llama.cpp,
   * text-generation-webui)
   */
  dynamicTemperature?: { range: number; exponent?: number } | { low: number; high: number; exponent?: number };
  /**
   * Quadratic smoothing: after the temperature, a logit x becomes m - (3 - c) / 2 * factor * d^2 + (c - 1) / 2 * factor * d^3, where m is
   * the largest logit, d = x - m (at most 0) and c is `curve`. `factor` is at least 0, 0 is off; `curve` is 1 to 3, default 1.
   * (kalomaze 2024, text-generation-webui)
   */
  smoothing?: { factor: number; curve?: number };

  // ---- truncation ----
  /** Keep the k most likely tokens; 0 is off. Default 0. (Fan et al. 2018, arXiv 1805.04833) */
  topK?: number;
  /**
   * Which tokens that tie with the k-th stay: all of them ("keep", as in transformers), or those with the lower ids, so that exactly k
   * survive ("exact"). Default "keep"; "exact" in llama.cpp's order.
   */
  topKTies?: "keep" | "exact";
  /**
   * Keep the best tokens until their probabilities sum to topP, including the one that reaches it; 0 to 1, 1 is off. Default 1. Of equal
   * probabilities, lower ids come first. (Holtzman et al. 2020, arXiv 1904.09751)
   */
  topP?: number;
  /**
   * Keep tokens with p >= minP * p_max, at least minP times as likely as the best; 0 to 1, 0 is off. Default 0.
   * (Nguyen et al. 2024, arXiv 2407.01082)
   */
  minP?: number;
  /**
   * Keep the tokens whose surprise -ln p is nearest to the entropy until their probabilities sum to typicalP; 0 to 1, 1 is off. Default 1.
   * (Meister et al. 2022, arXiv 2202.00666)
   */
  typicalP?: number;
  /** Keep tokens of at least this probability, and always the best; 0 to 1, 0 is off. Default 0. (Hewitt et al. 2022, arXiv 2210.15191) */
  epsilonCutoff?: number;
  /**
   * Keep tokens with p >= min(eta, sqrt(eta) * e^-H), H being the entropy, and always the best; 0 to 1, 0 is off. Default 0.
   * (Hewitt et al. 2022, arXiv 2210.15191)
   */
  etaCutoff?: number;
  /**
   * Of the best 100 tokens, keep the first ones for as long as they hold at most this share of the entropy of all 100; 0 to 1, where 1
   * still cuts to 100 tokens. Absent: off. (Potraghloo et al. 2025, arXiv 2509.02510)
   */
  topH?: number;
  /** Keep tokens with p >= topA * p_max^2; 0 to 1, 0 is off. Default 0. (Top-a, BlinkDL 2022) */
  topA?: number;
  /**
   * Keep logits within this many standard deviations (population formula, over the finite logits) of the largest; at least 0.
   * Absent: off. (Tang et al. 2024, arXiv 2411.07641)
   */
  topNSigma?: number;
  /**
   * Tail-free sampling: cut the sorted probabilities where the cumulative share of their absolute second differences exceeds this; 0 to
   * 1, 1 is off. Default 1. (Phénix and Egan 2019; the rule of exllamav2 and text-generation-webui)
   */
  tailFree?: number;
  /**
   * Keep tokens with p >= the sum of p^2 (true), or the relaxed p >= (n * sum p^2 - 1) / (n - 1) for n tokens alive ("norm"), and always
   * the best. Default false. (Tan, Wu, Howard 2025, arXiv 2509.23234)
   */
  pLess?: boolean | "norm";
  /**
   * Min-k: cut the sorted logits after their steepest relative fall, but keep at least floor(tau / (best - worst + 1e-8)) tokens. The
   * option's value is tau, at least 0. In the presets it runs before the temperature. Absent: off. (2026)
   */
  minK?: number;
  /** No truncation leaves fewer tokens than this; the best ones stay (with typical-p, the most typical). 1 to `vocabSize`, default 1. */
  minTokensToKeep?: number;
  /**
   * Exclude top choices: with the given `probability`, only the least likely of the tokens with p >= `threshold` stays, along with all
   * tokens below the threshold. Both are 0 to 1; a threshold above 0.5 is off. Tokens in `protect` are never removed. The coin it tosses
   * has a random stream of its own. (Weidmann 2024, text-generation-webui #6335)
   */
  xtc?: { probability: number; threshold: number; protect?: readonly number[] };
  /**
   * Steers the surprise of the drawn tokens to `tau` bits (above 0, default 5) at the learning rate `eta` (0 to 1, default 0.1).
   * Version 1 estimates how many tokens to keep from the best `m` (at least 2, default 100), version 2 cuts by surprise. In llama.cpp's
   * order nothing but logit bias and temperature can be on beside it. (Basu et al. 2021, arXiv 2007.14966)
   */
  mirostat?: { version: 1 | 2; tau?: number; eta?: number; m?: number };
  /**
   * Favours tokens near a certain probability, which it steers so that the average probability of drawn tokens approaches `target`
   * (above 1 counts as 1; below 0 nothing is favoured). `decay`, default 0.9, is the share of the running average kept from one token to
   * the next; it is clamped to 0 to 0.99. (llama.cpp 2026)
   */
  adaptiveP?: { target: number; decay?: number };

  // ---- history ----
  /**
   * Divides the positive logits of tokens seen and multiplies the others; above 0, 1 is off. Default 1.
   * (CTRL, Keskar et al. 2019, arXiv 1909.05858)
   */
  repetitionPenalty?: number;
  /**
   * Subtracted from the logits of tokens drawn or accepted (`penaltyScope` can include the prompt's); -3.4e38 to 3.4e38, 0 is off.
   * Default 0. (OpenAI's API, vLLM)
   */
  presencePenalty?: number;
  /** The same, once for each time the token occurred; -3.4e38 to 3.4e38, 0 is off. Default 0. (OpenAI's API, vLLM) */
  frequencyPenalty?: number;
  /** How many of the last tokens these three penalties look at, an integer; with 0 they do nothing. Absent: all, or 64 in llama.cpp's order. */
  penaltyWindow?: number;
  /**
   * Whether these penalties count the prompt too ("all") or only tokens drawn or accepted ("output"). Default: "all" for repetition (as
   * in transformers), "output" for the other two (as in vLLM); in llama.cpp's order "all" for all three.
   */
  penaltyScope?: { repetition?: "all" | "output"; frequencyPresence?: "all" | "output" };
  /**
   * Don't repeat yourself: the logit of a token that would extend a repetition of L tokens loses multiplier * base^(L - allowedLength) if
   * L is at least `allowedLength` (an integer, default 2). `multiplier` is at least 0, 0 is off; `base` is at least 1, default 1.75.
   * `window` is how many tokens it looks back, 0 for none; absent: all, or 64 in llama.cpp's order. No repetition extends across one of
   * the `sequenceBreakers`. (Weidmann 2024, text-generation-webui #5677)
   */
  dry?: {
    multiplier: number;
    base?: number;
    allowedLength?: number;
    window?: number;
    sequenceBreakers?: readonly (readonly number[])[];
  };
  /**
   * No sequence of this many tokens occurs twice, counting the prompt's; an integer, 0 is off. Default 0.
   * (Paulus et al. 2017, arXiv 1705.04304)
   */
  noRepeatNgramSize?: number;
  /**
   * The same for n-grams of `size` tokens (at least 1) that start in the last `window` tokens (absent: all); tokens in `exempt` are always
   * allowed. Cannot be combined with `noRepeatNgramSize`. (vLLM)
   */
  noRepeatNgram?: { size: number; window?: number; exempt?: readonly number[] };
  /**
   * Sequences of tokens that must not occur: the last token of each is banned when the history ends in the others. A sequence that is
   * just an `eosTokenId` is ignored. (transformers)
   */
  badWords?: readonly (readonly number[])[];
  /** Sequences, each with a number added to the logit of the token that completes it; -3.4e38 to 3.4e38, -Infinity bans. (transformers) */
  sequenceBias?: readonly (readonly [readonly number[], number])[];

  // ---- biases and constraints ----
  /** Numbers added to the logits of these token ids; -3.4e38 to 3.4e38, -Infinity bans. (OpenAI's API) */
  logitBias?: Readonly<Record<number, number>> | ReadonlyMap<number, number>;
  /** The only tokens that may be drawn, at least one. Absent: all. (vLLM) */
  allowedTokenIds?: readonly number[];
  /**
   * Returns the token ids that may follow the history (a copy); called once per draw, before everything else. If it returns no id, or only
   * masked ones, the draw throws `NO_TOKEN_LEFT`. It cannot be saved. (transformers)
   */
  prefixAllowedTokens?: (history: Uint32Array) => readonly number[];
  /** Tokens that are never drawn. (transformers) */
  suppressTokens?: readonly number[];
  /** Tokens not drawn at step 0; with `forcedBosTokenId` and a prompt of at most one token, at step 1 instead. (transformers) */
  beginSuppressTokens?: readonly number[];

  // ---- length ----
  /** The token, or tokens, that end a text: the end that the options below refer to. */
  eosTokenId?: number | readonly number[];
  /** No end before this many new tokens, an integer; needs `eosTokenId`. Default 0. (transformers, vLLM) */
  minNewTokens?: number;
  /**
   * How many new tokens there are to be, an integer of at least 1: tells `forcedEosTokenId` which is the last. It ends nothing by itself;
   * that is up to the loop that calls `sample`. Absent: no limit.
   */
  maxNewTokens?: number;
  /** The token that must follow a history of one token. (transformers) */
  forcedBosTokenId?: number;
  /** The token, or tokens, that the last of `maxNewTokens` must be one of; needs `maxNewTokens`. (transformers) */
  forcedEosTokenId?: number | readonly number[];
  /**
   * From `start` new tokens on, the end's logit x gains abs(x) * (factor^(length - start) - 1), length being how many new tokens there are.
   * `start` is an integer of at least 0, `factor` is above 0; needs `eosTokenId`. (transformers)
   */
  exponentialDecayLengthPenalty?: readonly [start: number, factor: number];
  /**
   * Once this many `tokens` (an integer) have followed the last `start` sequence without the `end` sequence among them, the latter is
   * forced, token by token. Both sequences have at least one token. (vLLM)
   */
  thinkingBudget?: { tokens: number; start: readonly number[]; end: readonly number[] };

  // ---- the sampler as a whole ----
  /**
   * Replaces NaN with 0 and infinities with the largest and lowest float32 instead of refusing them, but not in guidance. Default false.
   * (transformers)
   */
  removeInvalidValues?: boolean;
  /**
   * The chain: a preset, or a list of stage names, which must include the stage of every option that is on. Masks, `prefixAllowedTokens`,
   * `removeInvalidValues` and guidance are not stages: they come first. No order turns a stage on. The preset "llama.cpp" also changes
   * defaults: `topKTies` to "exact", `penaltyScope` to "all", `penaltyWindow` and `dry.window` to 64. Default "transformers".
   */
  order?: "transformers" | "llama.cpp" | "vllm" | readonly StageName[];
  /**
   * Where random numbers come from, which also decides by which library's rule tokens are drawn. A function returns one number in [0, 1)
   * per draw and cannot be saved; XTC's coin still comes from `seed`. Default "philox".
   */
  generator?: GeneratorName | (() => number);
  /** The generator's seed; {@link Generator} has the ranges. Absent: taken from the platform's entropy, readable as `sampler.seed`. */
  seed?: number | bigint;
  /**
   * Which stream of that seed. Give each sequence of a batch its own, or they all draw alike. 0 to 2^64 - 1, default 0; only philox has
   * more than one.
   */
  sequence?: number | bigint;
}

/** The options that {@link Sampler.update} takes; undefined resets an option to its default. */
export type UpdateOptions = {
  [Name in Exclude<keyof SamplerOptions, "vocabSize" | "seed" | "sequence" | "generator">]?:
    | SamplerOptions[Name]
    | undefined;
};
