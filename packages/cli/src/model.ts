// A real language model, run by transformers.js on this machine's processor. Nothing is ever downloaded.

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { modelDirectory } from "@logitdraw/tiny-tales";
import { InputError } from "./errors.js";

export const DEFAULT_MODEL = fileURLToPath(modelDirectory);
/** The weights that transformers.js calls "q8". */
const WEIGHTS = "onnx/model_quantized.onnx";
const NEEDED = ["config.json", "tokenizer.json", "tokenizer_config.json", WEIGHTS];

interface ModelConfig {
  vocab_size?: number;
  max_position_embeddings?: number;
  text_config?: ModelConfig;
}

type Transformers = typeof import("@huggingface/transformers");

export interface Model {
  tokenizer: Awaited<ReturnType<Transformers["AutoTokenizer"]["from_pretrained"]>>;
  network: Awaited<ReturnType<Transformers["AutoModelForCausalLM"]["from_pretrained"]>>;
  TextStreamer: Transformers["TextStreamer"];
  vocabSize: number;
  /** The most tokens that the model can look back. */
  context: number;
  /** The tokens that end its texts. */
  ends: readonly number[];
}

/** Loads a model from a directory laid out for transformers.js, with its weights quantized to 8 bits. */
export async function loadModel(directory: string, onProgress: (text: string) => void = () => {}): Promise<Model> {
  const path = resolve(directory);
  const missing = NEEDED.find((file) => !existsSync(join(path, file)));
  if (missing) throw new InputError(`no model in ${directory}: ${missing} is missing`);
  const config = readConfig(path);
  onProgress("starting onnxruntime");
  const { AutoModelForCausalLM, AutoTokenizer, env, TextStreamer } = await import("@huggingface/transformers");
  env.allowRemoteModels = false;
  const load = async <T>(what: string, loading: () => Promise<T>): Promise<T> => {
    onProgress(`reading the ${what}`);
    try {
      return await loading();
    } catch (error) {
      throw new InputError(`cannot load the ${what} of ${directory}: ${(error as Error).message}`, { cause: error });
    }
  };
  // An absolute path cannot be a model id, so transformers.js uses it as it is.
  const tokenizer = await load("tokenizer", () => AutoTokenizer.from_pretrained(path));
  const network = await load("weights", () =>
    AutoModelForCausalLM.from_pretrained(path, { dtype: "q8", device: "cpu" }),
  );
  const ends = [network.generation_config?.eos_token_id ?? []].flat();
  return { ...config, tokenizer, network, TextStreamer, ends };
}

function readConfig(path: string): { vocabSize: number; context: number } {
  const file = join(path, "config.json");
  let config: ModelConfig | null;
  try {
    config = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new InputError(`${file} is not readable: ${(error as Error).message}`, { cause: error });
  }
  const { vocab_size, max_position_embeddings } = { ...config?.text_config, ...config };
  if (!isCount(vocab_size)) throw new InputError(`${file} has no vocab_size, or none that is a number of tokens`);
  // Absent for models that have no such limit.
  const context = max_position_embeddings ?? Number.POSITIVE_INFINITY;
  if (context !== Number.POSITIVE_INFINITY && !isCount(context)) {
    throw new InputError(`${file} has a max_position_embeddings that is not a number of tokens`);
  }
  return { vocabSize: vocab_size, context };
}

const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) <= 2 ** 31;
