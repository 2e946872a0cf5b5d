// Prints which golden draws differ from what the built package draws; with --write, pins what it draws now.

import * as logitdraw from "logitdraw";
import { draw } from "./golden.js";
import { CASES } from "./golden-cases.js";
import { readVectors, writeVectors } from "./vectors.js";

const NOTE =
  "logitdraw's own draws, pinned: a change of tokens here is a breaking change. Made by `npm run golden -- --write`; cases stand in its src/golden-cases.js.";
const FORMULAS =
  "h(i, seed) = (i * 2654435761 + seed * 40503) mod 2^32. float32: f = (h >> 8) / 2^24, t = f * f, float32(24 * (t * t) - 8). holes: the same, -Infinity where i > 0 and h mod 8 = 7. float16 / bfloat16 bits: (h >> 31) << 15 | ((h >> 16) & 0x7fff) mod 0x4c00 / 0x4180. Weights: (h >> 8) + 1, 0 where i > 0 and h mod 8 = 7. Mask words: h, and 1 of the first. Uniforms of the caller's function: h(draw, seed) / 2^32. Row of step s: rowSeed + 65537 * s; mask: maskSeed + 65537 * s; weights of call c: rowSeed + 65537 * c.";

/** Returns a case without its tokens, in a form to compare. */
const key = (/** @type {object} */ given) => JSON.stringify({ ...given, tokens: undefined });

/** @type {Map<string, string>} */
const before = new Map();
try {
  for (const given of readVectors("golden").cases) before.set(key(given), given.tokens.join());
} catch (error) {
  if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ENOENT") throw error;
}

const cases = CASES.map((given) => ({ ...given, tokens: draw(logitdraw, given) }));
const isNew = (/** @type {object} */ given) => !before.has(key(given));
const added = cases.filter(isNew);
const changed = cases.filter((given) => !isNew(given) && before.get(key(given)) !== given.tokens.join());
const kept = cases.length - added.length;

console.log(
  `${cases.length} cases: ${added.length} new, ${before.size - kept} gone, ${changed.length} with other tokens`,
);
for (const given of changed) console.log(`  ${key(given)}\n    ${before.get(key(given))} -> ${given.tokens.join()}`);

if (process.argv.includes("--write")) {
  const lines = cases.map((given) => `    ${JSON.stringify(given)}`).join(",\n");
  const head = `{\n  "note": ${JSON.stringify(NOTE)},\n  "formulas": ${JSON.stringify(FORMULAS)},\n  "cases": [\n`;
  writeVectors("golden", `${head}${lines}\n  ]\n}\n`);
  console.log("written");
  if (changed.length > 0) console.log("Tokens changed: that is a breaking change (CHANGELOG, major version).");
} else if (added.length + changed.length > 0 || kept !== before.size) {
  console.log("Pin them with --write if that is meant.");
  process.exitCode = 1;
}
