// What every runtime runs: the golden draws, and the digest of many more.

import { digest } from "./digest.js";
import { check } from "./golden.js";

/**
 * What a runtime is to do. `golden` and `list` are the files of test/vectors.
 *
 * @typedef {object} Job
 * @property {{ cases: readonly import("./golden.js").GoldenCase[] }} golden
 * @property {import("./digest.js").DigestList} list
 * @property {number} count the number of tokens in the digest
 */

/**
 * @typedef {object} Outcome
 * @property {ReturnType<typeof check>} changed golden draws that differ here
 * @property {import("./digest.js").Digest} digest
 */

/**
 * @param {import("./samplers.js").Logitdraw} logitdraw
 * @param {Job} job
 * @returns {Promise<Outcome>}
 */
export async function run(logitdraw, { golden, list, count }) {
  return { changed: check(logitdraw, golden.cases), digest: await digest(logitdraw, list, count) };
}
