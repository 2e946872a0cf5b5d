// Everything the package exports, wherever the module's bytes come from (entry/).

export { type BatchOptions, sampleBatch } from "./batch.js";
export type { LogprobsOf, SampleOptions } from "./call.js";
export { type ErrorCode, LogitdrawError } from "./errors.js";
export { argmax, bincount, manualSeed, maskTopK, multinomial, softmax, topK } from "./functions.js";
export { Generator, type GeneratorName } from "./generator.js";
export type { SampleWithLogprobs, TokenLogprob } from "./logprobs.js";
export { LogitsBuffer, type LogitsRow } from "./memory.js";
export type { SamplerOptions, StageName, UpdateOptions } from "./options.js";
export { Sampler } from "./sampler.js";
export type { Float16ArrayLike, Logits } from "./types.js";
