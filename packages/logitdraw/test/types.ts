// The declared public surface (api.d.ts) is the same as the real one: `tsc`, a part of `npm test`, checks this file; nothing runs it.

import type * as Real from "../src/index.js";
import type * as Declared from "./api.js";

type Fits<A, B> = [A] extends [B] ? true : false;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
/** An error in tsc unless all checks are true. */
type All<Checks extends readonly true[]> = Checks;
/** Whether objects with optional properties are the same, which takes the same property names, too. */
type SameOptions<A, B> = Same<keyof A, keyof B> extends true ? Same<Required<A>, Required<B>> : false;
type Args<F> = F extends (...args: infer A) => unknown ? A : never;
type Last<T> = T extends readonly [unknown, (infer L)?] ? NonNullable<L> : never;

/** Declared, but left to later releases. */
type Later = "generate" | "verifyDraft" | "BeamSearch";

type RealSampler = Real.Sampler;
type DeclaredSampler = Declared.Sampler;
/** The second argument of a method. */
type Second<S, Name extends keyof S> = Last<Args<S[Name]>>;

// Real functions can be used wherever the declared ones are expected; functions with classes among their arguments are checked below.
type Classless = "argmax" | "softmax" | "topK" | "maskTopK" | "bincount" | "manualSeed" | "LogitsBuffer";
export const values: Pick<typeof Declared, Classless> = {} as Pick<typeof Real, Classless>;

export type Fitting = All<
  [
    Fits<RealSampler, DeclaredSampler>,
    Fits<Real.Generator, Declared.Generator>,
    Fits<Real.LogitsBuffer, Declared.LogitsBuffer>,
    Fits<Real.LogitdrawError, Declared.LogitdrawError>,
    Fits<Real.LogitsRow, Declared.LogitsRow>,
    Fits<Real.StageName, Declared.StageName>,
    Fits<Real.SamplerOptions, Declared.SamplerOptions>,
    Fits<Declared.SampleOptions, Real.SampleOptions>,
    Fits<Omit<Args<DeclaredSampler["update"]>[0], "order">, Omit<Args<RealSampler["update"]>[0], "order">>,
  ]
>;

export type Alike = All<
  [
    Same<Exclude<keyof typeof Declared, Later>, keyof typeof Real>,
    Same<Real.Logits, Declared.Logits>,
    Same<Real.Float16ArrayLike, Declared.Float16ArrayLike>,
    Same<Real.GeneratorName, Declared.GeneratorName>,
    Same<Real.ErrorCode, Declared.ErrorCode>,
    Same<Real.LogprobsOf, Declared.LogprobsOf>,
    Same<Real.TokenLogprob, Declared.TokenLogprob>,
    Same<Real.SampleWithLogprobs, Declared.SampleWithLogprobs>,
    Same<Args<typeof Real.argmax>, Args<typeof Declared.argmax>>,
    Same<Args<typeof Real.softmax>, Args<typeof Declared.softmax>>,
    Same<Args<typeof Real.bincount>, Args<typeof Declared.bincount>>,
    Same<Args<typeof Real.multinomial>[0], Args<typeof Declared.multinomial>[0]>,
    Same<ReturnType<typeof Real.multinomial>, ReturnType<typeof Declared.multinomial>>,
    Same<keyof Last<[0, Args<typeof Real.multinomial>[2]]>, keyof Last<[0, Args<typeof Declared.multinomial>[2]]>>,
    Same<ReturnType<typeof Real.sampleBatch>, ReturnType<typeof Declared.sampleBatch>>,
    Same<ReturnType<(typeof Real.Sampler)["restore"]>, RealSampler>,
    SameOptions<ConstructorParameters<typeof Real.Generator>[0], ConstructorParameters<typeof Declared.Generator>[0]>,
    Same<ConstructorParameters<typeof Real.LogitsBuffer>, ConstructorParameters<typeof Declared.LogitsBuffer>>,
    Same<keyof Real.LogitdrawError, keyof Declared.LogitdrawError>,
    Same<keyof Real.Generator, keyof Declared.Generator>,
    Same<keyof Real.LogitsBuffer, keyof Declared.LogitsBuffer>,
    Same<keyof RealSampler, keyof DeclaredSampler>,
    SameOptions<Omit<Real.SamplerOptions, "order" | "mirostat">, Omit<Declared.SamplerOptions, "order" | "mirostat">>,
    Same<keyof Real.SamplerOptions, keyof Declared.SamplerOptions>,
    Same<Real.SamplerOptions["mirostat"], Declared.SamplerOptions["mirostat"]>,
    SameOptions<Omit<Real.SampleOptions, "guidance">, Omit<Declared.SampleOptions, "guidance">>,
    Same<keyof Real.SampleOptions, keyof Declared.SampleOptions>,
    SameOptions<Omit<Real.BatchOptions, "errors">, Omit<Declared.BatchOptions, "errors">>,
    Same<keyof Real.BatchOptions, keyof Declared.BatchOptions>,
    Same<keyof Second<RealSampler, "sampleWithLogprobs">, keyof Second<DeclaredSampler, "sampleWithLogprobs">>,
    Same<keyof Second<RealSampler, "logprobs">, keyof Second<DeclaredSampler, "logprobs">>,
    Same<keyof Second<RealSampler, "distribution">, keyof Second<DeclaredSampler, "distribution">>,
    Same<Args<RealSampler["clone"]>, Args<DeclaredSampler["clone"]>>,
    Same<Args<RealSampler["sync"]>, Args<DeclaredSampler["sync"]>>,
    Same<Args<RealSampler["prompt"]>, Args<DeclaredSampler["prompt"]>>,
    Same<keyof Args<RealSampler["update"]>[0], keyof Args<DeclaredSampler["update"]>[0]>,
  ]
>;
