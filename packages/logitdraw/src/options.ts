// What a caller may ask of a sampler. How these values reach the core stands in prepare.ts; names and ranges are the core's business.

import type { GeneratorName } from "./generator.js";

/** The stages of the chain, by the option that turns each on (`noRepeatNgram` runs in the stage of `noRepeatNgramSize`). */
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
 * Options of a {@link Sampler}. Absent (or undefined) is off; anything unknown or impossible is an error.
 *
 * Probabilities, entropies and counts are always those of the tokens still alive where the option's stage stands in the chain
 * (`order`). Token ids lie below `vocabSize`. The options are copied: what becomes of the lists later changes nothing.
 */
export interface SamplerOptions {
  /** Tokens in the vocabulary: the length of every row of logits, 1 to 2^31. */
  vocabSize: number;

  // ---- how flat ----
  /** Logits are divided by it; 0 is greedy: the best token, the lowest id of equal ones. 0 to 3.4e38, default 1. */
  temperature?: number;
  /**
   * A temperature that follows the entropy: `low + (high - low) * (H / ln n)^exponent` for n tokens alive with entropy H, where `low` and
   * `high` are given, or lie `range` around `temperature` (not below 0). All at least 0, `high` at least `low`; `exponent` default 1.
   * A range of 0 leaves the temperature as it is. (kalomaze 2023; llama.cpp, text-generation-webui)
   */
  dynamicTemperature?: { range: number; exponent?: number } | { low: number; high: number; exponent?: number };
  /**
   * Quadratic smoothing: with d the distance (at most 0) of a logit from the largest, m, after the temperature, and c = `curve`,
   * x' = m - (3 - c) / 2 * factor * d^2 + (c - 1) / 2 * factor * d^3. `factor` at least 0, 0 is off; `curve` 1 to 3, default 1. (kalomaze 2024, text-generation-webui)
   */
  smoothing?: { factor: number; curve?: number };

  // ---- what survives ----
  /** Keep the k most likely tokens; 0 is off. Default 0. (Fan et al. 2018, arXiv 1805.04833) */
  topK?: number;
  /**
   * What ties with the k-th: all stay ("keep", as in transformers), or the lower ids, so that exactly k survive ("exact"). Default
   * "keep"; "exact" in llama.cpp's order.
   */
  topKTies?: "keep" | "exact";
  /**
   * Keep the best tokens until their probabilities sum to it, the one that reaches it too; 0 to 1, 1 is off. Default 1. Equal ones: lower
   * ids first. (Holtzman et al. 2020, arXiv 1904.09751)
   */
  topP?: number;
  /** Keep p >= minP * p_max: tokens at least so many times as likely as the best; 0 to 1, 0 is off. Default 0. (Nguyen et al. 2024, arXiv 2407.01082) */
  minP?: number;
  /**
   * Keep the tokens whose surprise -ln p is nearest to the entropy until their probabilities sum to it; 0 to 1, 1 is off. Default 1.
   * (Meister et al. 2022, arXiv 2202.00666)
   */
  typicalP?: number;
  /** Keep tokens at least so probable, and always the best; 0 to 1, 0 is off. Default 0. (Hewitt et al. 2022, arXiv 2210.15191) */
  epsilonCutoff?: number;
  /** Keep p >= min(eta, sqrt(eta) * e^-H), and always the best; 0 to 1, 0 is off. Default 0. (Hewitt et al. 2022, arXiv 2210.15191) */
  etaCutoff?: number;
  /**
   * Of the best 100 tokens keep the first ones while they hold no more than this share of the hundred's entropy; 0 to 1, and 1 still cuts
   * to 100. Absent: off. (Potraghloo et al. 2025, arXiv 2509.02510)
   */
  topH?: number;
  /** Keep p >= a * p_max^2; 0 to 1, 0 is off. Default 0. (Top-a, BlinkDL 2022) */
  topA?: number;
  /**
   * Keep logits within so many standard deviations of the largest (of the finite logits, population formula); at least 0. Absent: off.
   * (Tang et al. 2024, arXiv 2411.07641)
   */
  topNSigma?: number;
  /**
   * Tail-free sampling: cut where the share of the sorted probabilities' absolute second differences exceeds it; 0 to 1, 1 is off.
   * Default 1. (Phénix and Egan 2019; the rule of exllamav2 and text-generation-webui)
   */
  tailFree?: number;
  /**
   * Keep p >= the sum of p^2 (true), or the relaxed p >= (n * sum p^2 - 1) / (n - 1) ("norm"), and always the best. Default false.
   * (Tan, Wu, Howard 2025, arXiv 2509.23234)
   */
  pLess?: boolean | "norm";
  /**
   * Min-k: cut the sorted logits behind their steepest relative fall, but keep at least floor(tau / (best - worst + 1e-8)); the number is
   * tau, at least 0. Stands before temperature. Absent: off. (2026)
   */
  minK?: number;
  /** No truncation leaves fewer tokens, the best ones staying; 1 to vocabSize, default 1. */
  minTokensToKeep?: number;
  /**
   * Exclude top choices: with `probability`, of the tokens with p >= `threshold` only the least likely stays, and all below it. Both 0 to
   * 1; a threshold above 0.5 is off. Tokens in `protect` are never removed. Its coin is a random stream of its own.
   * (Weidmann 2024, text-generation-webui #6335)
   */
  xtc?: { probability: number; threshold: number; protect?: readonly number[] };
  /**
   * Steers the surprise of the drawn tokens to `tau` bits (above 0, default 5), learning by `eta` (0 to 1, default 0.1). Version 1
   * estimates how many tokens to keep from the best `m` (at least 2, default 100), version 2 cuts by surprise. In llama.cpp's order it
   * replaces all but logit bias and temperature. (Basu et al. 2021, arXiv 2007.14966)
   */
  mirostat?: { version: 1 | 2; tau?: number; eta?: number; m?: number };
  /**
   * Favours tokens near a probability and steers so that their average comes to `target` (above 1 is 1; below 0 it is off). `decay`,
   * default 0.9, is the share of the running average that is kept from one token to the next; clamped to 0 to 0.99. (llama.cpp 2026)
   */
  adaptiveP?: { target: number; decay?: number };

  // ---- what has been said ----
  /** Logits of tokens seen are divided by it where positive, multiplied where not; above 0, 1 is off. Default 1. (CTRL, Keskar et al. 2019, arXiv 1909.05858) */
  repetitionPenalty?: number;
  /** Subtracted from the logit of a token that was drawn or accepted (`penaltyScope`: of the prompt too); -3.4e38 to 3.4e38, 0 is off. Default 0. (OpenAI's API, vLLM) */
  presencePenalty?: number;
  /** The same, once for each time that it was; -3.4e38 to 3.4e38, 0 is off. Default 0. (OpenAI's API, vLLM) */
  frequencyPenalty?: number;
  /** How many of the last tokens the three penalties see, an integer; 0 is off. Absent: all, and 64 in llama.cpp's order. */
  penaltyWindow?: number;
  /**
   * Whether the penalties count the prompt too ("all") or only what was drawn or accepted ("output"). Default: all for repetition (as in
   * transformers), output for the other two (as in vLLM), all for all in llama.cpp's order.
   */
  penaltyScope?: { repetition?: "all" | "output"; frequencyPresence?: "all" | "output" };
  /**
   * Don't repeat yourself: a token that would extend a repetition of L tokens loses multiplier * base^(L - allowedLength), where L is at
   * least `allowedLength` (integer, default 2). `multiplier` at least 0, 0 is off; `base` at least 1, default 1.75; `window`: how many
   * tokens it looks back, 0 none; absent all, and 64 in llama.cpp's order. No repetition reaches over one of `sequenceBreakers`.
   * (Weidmann 2024, text-generation-webui #5677)
   */
  dry?: {
    multiplier: number;
    base?: number;
    allowedLength?: number;
    window?: number;
    sequenceBreakers?: readonly (readonly number[])[];
  };
  /** No sequence of so many tokens comes twice, the prompt's included; an integer, 0 is off. Default 0. (Paulus et al. 2017, arXiv 1705.04304) */
  noRepeatNgramSize?: number;
  /**
   * The same for n-grams of `size` (at least 1) that start in the last `window` tokens (absent: all), with tokens in `exempt` always
   * allowed. Not beside `noRepeatNgramSize`. (vLLM)
   */
  noRepeatNgram?: { size: number; window?: number; exempt?: readonly number[] };
  /** Sequences of tokens that must not come: the last token of one is banned where the others stand before it. (transformers) */
  badWords?: readonly (readonly number[])[];
  /** Added to the logit of the token that would end a sequence; -3.4e38 to 3.4e38, -Infinity bans. (transformers) */
  sequenceBias?: readonly (readonly [readonly number[], number])[];

  // ---- which tokens ----
  /** Added to logits, by token id; -3.4e38 to 3.4e38, -Infinity bans. (OpenAI's API) */
  logitBias?: Readonly<Record<number, number>> | ReadonlyMap<number, number>;
  /** Only these tokens, at least one. Absent: all. (vLLM) */
  allowedTokenIds?: readonly number[];
  /**
   * Says which token ids may follow the history (a copy); called once a draw, before everything else. No id, or all of them masked
   * already: `NO_TOKEN_LEFT`. It cannot be saved. (transformers)
   */
  prefixAllowedTokens?: (history: Uint32Array) => readonly number[];
  /** Never these tokens. (transformers) */
  suppressTokens?: readonly number[];
  /** Not these tokens at step 0; beside `forcedBosTokenId` and a prompt of at most one token, at step 1 instead. (transformers) */
  beginSuppressTokens?: readonly number[];

  // ---- how long ----
  /** The token, or tokens, that end a text: what the options below speak of. */
  eosTokenId?: number | readonly number[];
  /** No end before so many new tokens, an integer; needs `eosTokenId`. Default 0. (transformers, vLLM) */
  minNewTokens?: number;
  /**
   * For `forcedEosTokenId`: the last of so many new tokens (an integer of at least 1) is one of those. It ends nothing by itself: that is for
   * the loop that calls `sample`. Absent: no limit.
   */
  maxNewTokens?: number;
  /** The token behind a history of one token. (transformers) */
  forcedBosTokenId?: number;
  /** The tokens of which the last of `maxNewTokens` must be one; needs `maxNewTokens`. (transformers) */
  forcedEosTokenId?: number | readonly number[];
  /**
   * From `start` new tokens on the end's logit x gains abs(x) * (factor^(length - start) - 1). `start` an integer of at least 0, `factor`
   * above 0; needs `eosTokenId`. (transformers)
   */
  exponentialDecayLengthPenalty?: readonly [start: number, factor: number];
  /**
   * After so many tokens (an integer) behind the last `start` sequence the `end` sequence is forced, token by token. Both sequences have
   * at least one token. (vLLM)
   */
  thinkingBudget?: { tokens: number; start: readonly number[]; end: readonly number[] };

  // ---- how ----
  /** Takes NaN for 0 and infinities for the largest and lowest float instead of refusing them, but not in guidance. Default false. (transformers) */
  removeInvalidValues?: boolean;
  /**
   * The chain: a preset, or stage names in an order of one's own, which must name the stage of every option that is on. Masks,
   * `prefixAllowedTokens`, `removeInvalidValues` and guidance are no stages: they come first. The preset "llama.cpp" also sets defaults:
   * `topKTies` exact, `penaltyScope` all, `penaltyWindow` and `dry.window` 64. Default "transformers".
   */
  order?: "transformers" | "llama.cpp" | "vllm" | readonly StageName[];
  /**
   * Where random numbers come from, and with it by which library's rule tokens are drawn; a function gives one number in
   * [0, 1) a draw, and cannot be saved; XTC's coin comes from `seed` even so. Default "philox".
   */
  generator?: GeneratorName | (() => number);
  /** The generator's seed. Absent: from the platform's entropy, readable as `sampler.seed`. */
  seed?: number | bigint;
  /**
   * Which stream of that seed. Give each sequence of a batch one of its own, or all draw alike. 0 to 2^64 - 1, default 0; only philox has
   * more than one.
   */
  sequence?: number | bigint;
}

/** What {@link Sampler.update} takes: undefined puts an option back to its default. */
export type UpdateOptions = {
  [Name in Exclude<keyof SamplerOptions, "vocabSize" | "seed" | "sequence" | "generator">]?:
    | SamplerOptions[Name]
    | undefined;
};
