// The project's own draws, pinned in test/vectors/golden.json for every generator and drawing rule.
//
// A seed means the same tokens in every release. If this test fails, the change that made it fail is a breaking one: revert it, or, if
// it is intended, run `npm run golden -- --write` and release a new major version whose CHANGELOG says which draws have changed.
// crates/logitdraw/tests/golden.rs guards the same draws natively.

import * as logitdraw from "logitdraw";
import { expect, test } from "vitest";
import { check, type GoldenCase } from "../src/golden.js";
import { CASES } from "../src/golden-cases.js";
import { readVectors } from "../src/vectors.js";

const cases: GoldenCase[] = readVectors("golden").cases;

test("golden draws are unchanged (a change is a BREAKING CHANGE: see the head of this file)", () => {
  const changed = check(logitdraw, cases).map(({ index, drawn }) => ({ case: cases[index], drawn }));
  expect(changed).toEqual([]);
});

test("golden.json lists the cases of golden-cases.js (to add some: `npm run golden -- --write`)", () => {
  expect(cases.map(({ tokens, ...given }) => given)).toEqual(CASES);
});

test("golden cases cover every generator and vocabulary sizes around block sizes", () => {
  const samplers = cases.flatMap((given) => ("options" in given ? [given.options] : []));
  const generators = new Set(samplers.map(({ generator }) => generator));
  expect([...generators].sort()).toEqual(
    ["function", "llama.cpp", "numpy", "numpy-legacy", "philox", "torch", "torch-mkl"].sort(),
  );
  const sizes = new Set(samplers.map(({ vocabSize }) => vocabSize));
  for (const size of [1, 31, 32, 33, 257, 1000, 32000, 128256]) expect(sizes).toContain(size);
  // Hardly any of them is the same token over and over again.
  const drawn = cases.filter((given) => !("options" in given) || given.options.vocabSize !== 1);
  expect(drawn.filter(({ tokens }) => new Set(tokens).size > 1).length).toBeGreaterThan(0.9 * drawn.length);
});
