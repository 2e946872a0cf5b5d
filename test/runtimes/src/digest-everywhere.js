// Prints the digest of 10^5 tokens, or of the number given, on every runtime, and exits with 1 if one differs:
//     npm run digest -- 10000000

import { nativeDigest, RUNTIMES } from "./runtimes/index.js";

const count = Number(process.argv[2] ?? 100_000);
const native = await nativeDigest(count);
console.log(`${native.digest}  native Rust, ${native.tokens} tokens`);
for (const { name, missing, share = 1, run } of RUNTIMES) {
  if (missing !== undefined) {
    console.log(`${"-".repeat(64)}  ${name}: ${missing}`);
    continue;
  }
  const expected = await nativeDigest(count * share);
  const start = performance.now();
  /** @type {import("./program.js").Outcome} */
  const { digest, changed } = JSON.parse(await run(count * share));
  const equal = digest.digest === expected.digest && changed.length === 0;
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  const tokens = share === 1 ? "" : `, ${digest.tokens} tokens`;
  console.log(`${digest.digest}  ${name}${tokens}, ${seconds} s${equal ? "" : ": OTHER DRAWS"}`);
  if (!equal) process.exitCode = 1;
}
