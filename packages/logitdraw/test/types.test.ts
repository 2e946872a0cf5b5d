// The declared surface and the real one are the same: `tsc` checks this file. The declaration stands beside it.

import { expect, test } from "vitest";
import type * as Real from "../src/index.js";
import type * as Declared from "./api.js";

/** The public face of a class: private members make classes nominal. */
type Face<T> = Pick<T, keyof T>;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
/** Options: the same names with the same values, or fewer until a later release brings them. */
type Within<A, B> = [Required<A>] extends [Required<Pick<B, keyof A & keyof B>>]
  ? [Exclude<keyof A, keyof B>] extends [never]
    ? true
    : never
  : never;
type Args<F> = F extends (...args: infer A) => unknown ? A : never;

// Real values can be used wherever the declared ones are expected.
const functions: readonly [
  typeof Declared.argmax,
  typeof Declared.softmax,
  typeof Declared.topK,
  typeof Declared.maskTopK,
  typeof Declared.bincount,
  typeof Declared.manualSeed,
] = [] as unknown as readonly [
  typeof Real.argmax,
  typeof Real.softmax,
  typeof Real.topK,
  typeof Real.maskTopK,
  typeof Real.bincount,
  typeof Real.manualSeed,
];

const same: readonly [
  Same<Real.Logits, Declared.Logits>,
  Same<Real.Float16ArrayLike, Declared.Float16ArrayLike>,
  Same<Real.GeneratorName, Declared.GeneratorName>,
  Same<Real.ErrorCode, Declared.ErrorCode>,
  Same<Args<typeof Real.softmax>, Args<typeof Declared.softmax>>,
  Same<Args<typeof Real.bincount>, Args<typeof Declared.bincount>>,
  Same<Args<typeof Real.argmax>, Args<typeof Declared.argmax>>,
  Same<ReturnType<typeof Real.multinomial>, ReturnType<typeof Declared.multinomial>>,
  Same<Args<typeof Real.multinomial>[0], Args<typeof Declared.multinomial>[0]>,
  Same<ConstructorParameters<typeof Real.Generator>, ConstructorParameters<typeof Declared.Generator>>,
  Same<ConstructorParameters<typeof Real.LogitsBuffer>, ConstructorParameters<typeof Declared.LogitsBuffer>>,
  Same<
    Pick<Real.LogitdrawError, "code" | "option" | "index" | "row">,
    Pick<Declared.LogitdrawError, "code" | "option" | "index" | "row">
  >,
  Same<keyof Real.Generator, keyof Declared.Generator>,
  Same<keyof Real.LogitsBuffer, keyof Declared.LogitsBuffer>,
  Same<keyof Real.BatchOptions, keyof Declared.BatchOptions>,
  Same<Real.SamplerOptions["topKTies"], Declared.SamplerOptions["topKTies"]>,
  Within<Real.SamplerOptions, Declared.SamplerOptions>,
  Within<Real.SampleOptions, Declared.SampleOptions>,
  [Exclude<keyof Real.Sampler, keyof Declared.Sampler>] extends [never] ? true : never,
  [Face<Real.LogitdrawError>] extends [Face<Declared.LogitdrawError>] ? true : never,
  [Real.LogitsRow] extends [Declared.LogitsRow] ? true : never,
] = [
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
];

test("types are checked by tsc", () => {
  expect([functions.length, same.length]).toEqual([0, 21]);
});
