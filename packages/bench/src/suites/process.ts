// What only whole processes can show: the memory of a thousand samplers, the time from import to the first token, the
// size of a bundle.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { summarize } from "../measure.js";
import { type Result, SUITES } from "../result.js";

/** The directory from which `logitdraw` is resolved. */
const HERE = fileURLToPath(new URL("../..", import.meta.url));

/** Without the options and certificates that the environment may add: they take 60 ms in every process and are not ours to measure. */
const ENVIRONMENT = { ...process.env, NODE_OPTIONS: "", NODE_EXTRA_CA_CERTS: "" };

function node(args: string[]): { stdout: string; milliseconds: number } {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: HERE,
    encoding: "utf8",
    env: ENVIRONMENT,
  });
  const milliseconds = performance.now() - start;
  if (status !== 0) throw new Error(`a child process failed:\n${stderr}`);
  return { stdout, milliseconds };
}

const module = (code: string): string[] => ["--input-type=module", "-e", code];

const MEMORY = `
import { Sampler } from "logitdraw";
const vocabSize = 128256;
const logits = new Float32Array(vocabSize).fill(1);
const make = (sequence) => {
  const sampler = new Sampler({ vocabSize, temperature: 0.8, topK: 40, seed: 1, sequence });
  sampler.sample(logits);
  return sampler;
};
const first = make(0);
gc();
const before = process.memoryUsage.rss();
const all = Array.from({ length: 1000 }, (_, i) => make(i + 1));
gc();
console.log(process.memoryUsage.rss() - before, all.length + first.step);
`;

/** Measures the megabytes that a thousand samplers add, each of which has drawn a token; a row of logits for each would take 513. */
export function memory(): Result[] {
  const { stdout } = node(["--expose-gc", ...module(MEMORY)]);
  const value = Number.parseInt(stdout, 10) / 1e6;
  return [{ suite: SUITES.process, name: "1,000 live samplers, V = 128,256", value, unit: "MB" }];
}

const EMPTY = "const logits = new Float32Array(32000); logits[5] = 9; if (logits[5] !== 9) throw 0;";
const FIRST = `import { Sampler } from "logitdraw"; ${EMPTY} if (new Sampler({ vocabSize: 32000, temperature: 0 }).sample(logits) !== 5) throw 0;`;

/** Measures the milliseconds from import to the first token, beyond a process that does nothing: the median difference of such pairs. */
export function firstToken(runs: number): Result[] {
  const directory = mkdtempSync(join(HERE, "node_modules", ".first-"));
  try {
    const [empty, first] = [join(directory, "empty.mjs"), join(directory, "first.mjs")];
    writeFileSync(empty, EMPTY);
    writeFileSync(first, FIRST);
    // The difference is taken within each pair: if the machine slows down in between, it slows down both of a pair.
    const differences = Array.from({ length: runs + 1 }, (_, i) => {
      const time = (file: string) => node([file]).milliseconds;
      // Each comes first in every other pair.
      if (i % 2 === 0) return time(first) - time(empty);
      const base = time(empty);
      return time(first) - base;
    }).slice(1);
    const value = summarize(differences).median;
    return [{ suite: SUITES.process, name: "import to first token, beyond Node's own start", value, unit: "ms" }];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/**
 * Measures the kilobytes (1,000 bytes) of all that `import { Sampler }` adds to a web page, minified and gzipped; the
 * bundle must draw a token.
 */
export async function bundleSize(): Promise<Result[]> {
  const directory = mkdtempSync(join(tmpdir(), "logitdraw-bundle-"));
  try {
    const { outputFiles } = await build({
      stdin: {
        contents: `import { Sampler } from "logitdraw"; console.log(new Sampler({ vocabSize: 3, temperature: 0 }).sample([1, 3, 2]));`,
        resolveDir: HERE,
      },
      bundle: true,
      minify: true,
      format: "esm",
      platform: "browser",
      write: false,
      outdir: directory,
      logLevel: "error",
    });
    const bundle = join(directory, "bundle.mjs");
    writeFileSync(bundle, outputFiles[0]?.contents ?? "");
    if (node([bundle]).stdout.trim() !== "1") throw new Error("the bundle drew another token");
    const value = outputFiles.reduce((bytes, file) => bytes + gzipSync(file.contents, { level: 9 }).length, 0) / 1000;
    return [{ suite: SUITES.process, name: "import { Sampler }, minified and gzipped", value, unit: "kB" }];
  } finally {
    rmSync(directory, { recursive: true });
  }
}
