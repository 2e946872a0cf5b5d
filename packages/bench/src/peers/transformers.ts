// transformers.js's own sampler, in the code that its generate() runs for each token: the temperature warper on the
// logits, then LogitsSampler. The package does not export it, so it is imported from the source files it ships.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

interface Tensor {
  data: Float32Array;
}
interface Modules {
  tensor: { Tensor: new (type: "float32", data: Float32Array, dims: number[]) => Tensor };
  sampler: { LogitsSampler: { getSampler(config: object): (logits: Tensor) => Promise<[bigint, number][]> } };
  process: { TemperatureLogitsWarper: new (temperature: number) => (ids: bigint[][], logits: Tensor) => Tensor };
}

async function load(): Promise<Modules> {
  const source = join(dirname(createRequire(import.meta.url).resolve("@huggingface/transformers")), "..", "src");
  const file = (path: string) => import(pathToFileURL(join(source, path)).href);
  return {
    tensor: await file("utils/tensor.js"),
    sampler: await file("generation/logits_sampler.js"),
    process: await file("generation/logits_process.js"),
  };
}

interface TransformersOptions {
  /** 0: greedy. */
  temperature: number;
  /** 0: the whole vocabulary. */
  topK: number;
}

/**
 * Returns a function that draws one token as transformers.js would. generate() copies the row, too, since its warper
 * writes into the logits.
 */
export async function transformersSampler(
  options: TransformersOptions,
): Promise<(logits: Float32Array) => Promise<number>> {
  const { tensor, sampler, process } = await load();
  const greedy = options.temperature === 0;
  const choose = sampler.LogitsSampler.getSampler({
    do_sample: !greedy,
    num_beams: 1,
    num_return_sequences: 1,
    top_k: options.topK,
  });
  const warp = greedy ? undefined : new process.TemperatureLogitsWarper(options.temperature);
  return async (logits) => {
    let row = new tensor.Tensor("float32", warp ? logits.slice() : logits, [1, logits.length]);
    if (warp) row = warp([], row);
    const [first] = await choose(row);
    return Number(first?.[0]);
  };
}
