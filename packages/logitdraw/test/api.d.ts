/// <reference lib="esnext.disposable" />
// The public surface of the npm package `logitdraw`. Add to it; rename nothing in it. It must compile for users with lib es2022, strict, skipLibCheck false.

/** A Float16Array, structurally: the global type is missing from older TypeScript libs, where naming it would break users' builds. */
export interface Float16ArrayLike {
  readonly BYTES_PER_ELEMENT: number;
  readonly [Symbol.toStringTag]: "Float16Array";
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly length: number;
}
/** Logits of one position: float32, float16, the bits of float16 / bfloat16 (`SampleOptions.dtype` says which), or plain numbers. */
export type Logits = Float32Array | Float16ArrayLike | Uint16Array | readonly number[];

// ---- the chapter's functions (torch's semantics: same seed, same tokens) ----
export function argmax(logits: Logits): number;
export function softmax(logits: Logits, options?: { temperature?: number }): Float32Array;
/** The k largest, descending; ties to the lower id. */
export function topK(logits: Logits, k: number): { values: Float32Array; indices: Uint32Array };
/** A copy with everything below the k-th value at -Infinity; ties with the k-th stay (as torch.where does in the chapter). */
export function maskTopK(logits: Logits, k: number): Float32Array;
export function multinomial(
  probs: Float32Array | Float64Array | readonly number[],
  numSamples: number,
  options?: { replacement?: boolean; generator?: Generator },
): Uint32Array;
export function bincount(tokens: ArrayLike<number>, options?: { minLength?: number }): Uint32Array;
/** Seeds the generator that `multinomial` uses when it is given none: torch's, on CPU. */
export function manualSeed(seed: number | bigint): void;

export type GeneratorName = "philox" | "torch" | "torch-mkl" | "numpy" | "numpy-legacy" | "llama.cpp";
export class Generator {
  constructor(options?: { algorithm?: GeneratorName; seed?: number | bigint; sequence?: number | bigint });
  readonly algorithm: GeneratorName;
  random(): number; // a double in [0, 1) by the algorithm's own rule
  manualSeed(seed: number | bigint): void;
  save(): Uint8Array;
  static restore(state: Uint8Array): Generator;
  clone(): Generator;
  free(): void;
  [Symbol.dispose](): void;
}

// ---- the sampler ----
export interface SamplerOptions {
  vocabSize: number;
  temperature?: number; // 1; 0 means greedy
  topK?: number;
  topKTies?: "keep" | "exact";
  topP?: number;
  minP?: number;
  typicalP?: number;
  epsilonCutoff?: number;
  etaCutoff?: number;
  topH?: number;
  topA?: number;
  topNSigma?: number;
  tailFree?: number;
  pLess?: boolean | "norm";
  minK?: number;
  minTokensToKeep?: number;
  xtc?: { probability: number; threshold: number; protect?: readonly number[] };
  dynamicTemperature?: { range: number; exponent?: number } | { low: number; high: number; exponent?: number };
  smoothing?: { factor: number; curve?: number };
  mirostat?: { version: 1 | 2; tau?: number; eta?: number };
  adaptiveP?: { target: number; decay?: number };
  repetitionPenalty?: number;
  presencePenalty?: number;
  frequencyPenalty?: number;
  penaltyWindow?: number; // the last so many tokens; absent: all
  penaltyScope?: { repetition?: "all" | "output"; frequencyPresence?: "all" | "output" };
  dry?: {
    multiplier: number;
    base?: number;
    allowedLength?: number;
    window?: number;
    sequenceBreakers?: readonly (readonly number[])[];
  };
  noRepeatNgramSize?: number;
  noRepeatNgram?: { size: number; window?: number; exempt?: readonly number[] };
  badWords?: readonly (readonly number[])[];
  logitBias?: Readonly<Record<number, number>> | ReadonlyMap<number, number>;
  sequenceBias?: readonly (readonly [readonly number[], number])[];
  allowedTokenIds?: readonly number[];
  prefixAllowedTokens?: (history: Uint32Array) => readonly number[];
  suppressTokens?: readonly number[];
  beginSuppressTokens?: readonly number[];
  eosTokenId?: number | readonly number[];
  minNewTokens?: number;
  maxNewTokens?: number;
  forcedBosTokenId?: number;
  forcedEosTokenId?: number | readonly number[];
  exponentialDecayLengthPenalty?: readonly [start: number, factor: number];
  thinkingBudget?: { tokens: number; start: readonly number[]; end: readonly number[] };
  removeInvalidValues?: boolean;
  /** The chain: a preset, or stage names in an order of one's own. */
  order?: "transformers" | "llama.cpp" | "vllm" | readonly StageName[];
  generator?: GeneratorName | (() => number); // a function cannot be saved: save() then throws INVALID_STATE
  seed?: number | bigint; // absent: from the platform's entropy, readable as `sampler.seed`
  sequence?: number | bigint; // which stream of that seed: one a sequence of a batch
}
export type StageName = string; // the union of the stages' option names, so that a typo does not compile

export interface SampleOptions {
  dtype?: "float32" | "float16" | "bfloat16"; // required for Uint16Array
  /** Allowed tokens, one bit each: bit id % 32 of word id / 32; 1 = allowed (xgrammar's and llguidance's layout). Ids past its end are not allowed. */
  mask?: Uint32Array | Int32Array;
  /** Classifier-free guidance: the logits without the prompt, and the scale. */
  guidance?: { unconditional: Logits; scale: number };
}
export interface TokenLogprob {
  token: number;
  logprob: number;
  rank: number;
}
export interface SampleWithLogprobs extends TokenLogprob {
  top: TokenLogprob[];
}
export type LogprobsOf = "raw" | "processed";

export class Sampler {
  constructor(options: SamplerOptions);
  readonly vocabSize: number;
  readonly seed: bigint;
  readonly sequence: bigint;
  readonly step: number;
  readonly history: Uint32Array; // prompt and drawn tokens (a copy)
  /** Gives the prompt's tokens to whatever looks back (penalties, n-grams, DRY). */
  prompt(tokens: ArrayLike<number> | ArrayLike<bigint>): this;
  /** Draws the next token, adds it to the history and moves to the next step. The caller's array is left as it was. */
  sample(logits: Logits | LogitsRow, options?: SampleOptions): number;
  sampleWithLogprobs(
    logits: Logits | LogitsRow,
    options?: SampleOptions & { top?: number; of?: LogprobsOf },
  ): SampleWithLogprobs;
  /** Log-probabilities of given tokens, or of the `top` best; draws nothing (a prompt's own log-probabilities). */
  logprobs(
    logits: Logits | LogitsRow,
    options?: SampleOptions & { tokens?: ArrayLike<number>; top?: number; of?: LogprobsOf },
  ): TokenLogprob[];
  /** The probabilities from which `sample` would draw now; moves nothing. */
  distribution(logits: Logits | LogitsRow, options?: SampleOptions & { out?: Float32Array }): Float32Array;
  /** Records a token that something else chose, as if `sample` had drawn it. */
  accept(token: number): void;
  /** Brings the history in line with a whole sequence (transformers' input_ids): records only the new tail; where an older token differs, INVALID_TOKEN. */
  sync(tokens: ArrayLike<number> | ArrayLike<bigint>): this;
  /** Takes the last `count` tokens back, strategies' state and step included (a refused draft). */
  rollback(count: number): this;
  /** New settings for the steps to come; history, seed and step stay. */
  update(options: Partial<Omit<SamplerOptions, "vocabSize" | "seed" | "sequence" | "generator">>): this;
  reset(): void; // back to step 0 of the same seed, history empty
  clone(options?: { seed?: number | bigint; sequence?: number | bigint }): Sampler;
  save(): Uint8Array;
  static restore(state: Uint8Array): Sampler;
  free(): void;
  [Symbol.dispose](): void;
}

export interface BatchOptions extends Pick<SampleOptions, "dtype"> {
  masks?: readonly (Uint32Array | Int32Array | undefined)[];
  rowOffset?: number;
  rowStride?: number; // in elements: where row 0 starts, and from row to row (the last position of a [B, T, V] output); absent: 0 and vocabSize
  out?: Uint32Array;
  /** Given: a bad row puts its error here and 0xFFFFFFFF into the result, the others are drawn. Absent: all rows are drawn or none, the first error is thrown and no sampler has moved. */
  errors?: (LogitdrawError | undefined)[];
}
/** Row b of `logits` goes to samplers[b]. */
export function sampleBatch(
  samplers: readonly Sampler[],
  logits: Float32Array | Float16ArrayLike | Uint16Array | LogitsBuffer,
  options?: BatchOptions,
): Uint32Array;

/** Rows of logits in WASM memory, to write to without a copy. `sample` may overwrite the row it is given. */
export class LogitsBuffer {
  constructor(vocabSize: number, rows?: number);
  readonly vocabSize: number;
  readonly rows: number;
  readonly data: Float32Array; // [rows, vocabSize]; read it anew for each use: growing memory detaches old views
  row(index: number): LogitsRow;
  free(): void;
  [Symbol.dispose](): void;
}
export interface LogitsRow {
  readonly buffer: LogitsBuffer;
  readonly index: number;
}

export type ErrorCode =
  | "INVALID_OPTION"
  | "UNKNOWN_OPTION"
  | "INVALID_LOGITS"
  | "WRONG_LENGTH"
  | "NO_TOKEN_LEFT"
  | "INVALID_TOKEN"
  | "INVALID_PROBABILITIES"
  | "INVALID_STATE"
  | "FREED"
  | "WASM_UNAVAILABLE"
  | "OUT_OF_MEMORY";
export class LogitdrawError extends Error {
  readonly code: ErrorCode;
  readonly option?: string; // the option's name, where one is at fault
  readonly index?: number; // the first offending index, where there is one
  readonly row?: number; // the row of a batch
}

// ---- generation ----
/** `past` tokens were given in earlier calls: a model with a KV cache reads only tokens.slice(past). */
export type NextLogits = (
  tokens: readonly number[],
  past: number,
  signal?: AbortSignal,
) => Logits | LogitsRow | Promise<Logits | LogitsRow>;
export interface GenerateOptions {
  maxTokens?: number; // absent: the sampler's maxNewTokens
  stop?: readonly (number | readonly number[])[];
  ignoreEos?: boolean; // otherwise the sampler's eosTokenId ends it
  signal?: AbortSignal; // aborting throws the signal's reason
  sampleOptions?: SampleOptions | ((tokens: readonly number[], step: number) => SampleOptions);
}
/** Yields tokens as they are drawn, never any part of a stop sequence; returns why it ended. */
export function generate(
  model: NextLogits,
  sampler: Sampler,
  prompt: ArrayLike<number>,
  options?: GenerateOptions,
): AsyncGenerator<number, { reason: "eos" | "stop" | "length"; stop?: readonly number[] }>;

/** Verifies a draft against the target's logits (one row a draft token and one more), exactly (Leviathan 2023). */
export function verifyDraft(
  sampler: Sampler,
  draft: ArrayLike<number>,
  target: LogitsBuffer | Float32Array,
  draftProbs?: Float32Array,
): { accepted: number; token: number };
export class BeamSearch {
  constructor(options: {
    vocabSize: number;
    beams: number;
    eosTokenId?: number | readonly number[];
    lengthPenalty?: number;
    earlyStopping?: boolean | "never";
  });
  step(logits: LogitsBuffer | Float32Array): { tokens: Uint32Array; parents: Uint32Array; done: boolean };
  best(n?: number): { tokens: Uint32Array; score: number }[];
}
// logitdraw/transformers: export function toLogitsProcessor(samplers: Sampler | readonly Sampler[]): (inputIds: bigint[][], logits: Tensor) => Tensor;
