// A real language model, run by transformers.js on this machine's processor. Nothing is ever downloaded.

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { modelDirectory } from "@logitdraw/tiny-tales";
import { Sampler, type SamplerOptions } from "logitdraw";
import { InputError } from "./errors.js";

export const DEFAULT_MODEL = fileURLToPath(modelDirectory);
/** How long a text becomes where nobody says. */
export const DEFAULT_TOKENS = 100;
/** What transformers.js calls "q8". */
const WEIGHTS = "onnx/model_quantized.onnx";
const NEEDED = ["config.json", "tokenizer.json", "tokenizer_config.json", WEIGHTS];

interface ModelConfig {
  vocab_size?: number;
  max_position_embeddings?: number;
  text_config?: ModelConfig;
}

export interface Told {
  tokens: number[];
  promptTokens: number;
  /** "context": the model can look back no further. */
  reason: "eos" | "length" | "context";
  seed: bigint;
  /** Milliseconds spent in all, and in drawing alone. */
  elapsed: number;
  drawing: number;
}

export interface Model {
  /** Goes on from the prompt. Impossible options and a prompt that is too long are refused before `onText` is called. */
  tell(
    prompt: string,
    sampling: Omit<SamplerOptions, "vocabSize">,
    /** Absent: the options' maxNewTokens, or {@link DEFAULT_TOKENS}. */
    maxTokens: number | undefined,
    onText: (text: string) => void,
  ): Promise<Told>;
}

/** Loads a directory as transformers.js lays them out, weights quantized to 8 bits. */
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
      throw new InputError(`cannot load the ${what} of ${directory}: ${(error as Error).message}`);
    }
  };
  // An absolute path is no model id, so transformers.js takes it as it stands.
  const tokenizer = await load("tokenizer", () => AutoTokenizer.from_pretrained(path));
  const model = await load("weights", () => AutoModelForCausalLM.from_pretrained(path, { dtype: "q8", device: "cpu" }));
  const ends = idsOf(model.generation_config?.eos_token_id);

  const tell: Model["tell"] = async (prompt, sampling, maxTokens, onText) => {
    const inputs = tokenizer(prompt);
    const promptIds = Array.from(inputs.input_ids.data as BigInt64Array, Number);
    const room = config.context - promptIds.length;
    if (room < 1)
      throw new InputError(`the prompt has ${promptIds.length} tokens; the model looks back ${config.context} at most`);
    const { maxNewTokens, eosTokenId } = sampling;
    const wanted = Math.min(maxTokens ?? maxNewTokens ?? DEFAULT_TOKENS, maxNewTokens ?? Number.POSITIVE_INFINITY);
    const limit = Math.min(wanted, room);
    const stops = [...new Set([...ends, ...idsOf(eosTokenId)])];
    const sampler = new Sampler({ ...withEnds(sampling, stops, limit), vocabSize: config.vocabSize });
    sampler.prompt(promptIds);
    const { seed } = sampler;
    const tokens: number[] = [];
    let drawing = 0;
    // generate() takes the largest logit; leaving only the drawn token's above -Infinity makes that our draw.
    const choose = (_ids: bigint[][], logits: { data: Float32Array; dims: number[] }) => {
      const start = performance.now();
      const row = logits.data.subarray(0, config.vocabSize);
      const token = sampler.sample(logits.data.length === config.vocabSize ? logits.data : row);
      drawing += performance.now() - start;
      logits.data.fill(Number.NEGATIVE_INFINITY);
      logits.data[token] = 0;
      tokens.push(token);
      return logits;
    };
    const streamer = new TextStreamer(tokenizer, {
      skip_prompt: true,
      skip_special_tokens: true,
      callback_function: onText,
    });
    const start = performance.now();
    try {
      // Penalties that a model's own generation_config may ask for are switched off: the sampler's options alone
      // decide.
      const neutral = {
        repetition_penalty: 1,
        no_repeat_ngram_size: 0,
        bad_words_ids: null,
        min_length: 0,
        min_new_tokens: 0,
      };
      await model.generate({
        ...inputs,
        ...neutral,
        do_sample: false,
        max_new_tokens: limit,
        eos_token_id: stops.length > 0 ? stops : null,
        logits_processor: [choose],
        streamer,
      } as unknown as Parameters<typeof model.generate>[0]);
    } finally {
      sampler.free();
    }
    const elapsed = performance.now() - start;
    const ended = stops.includes(tokens.at(-1) ?? -1);
    return {
      tokens,
      promptTokens: promptIds.length,
      reason: ended ? "eos" : limit < wanted ? "context" : "length",
      seed,
      elapsed,
      drawing,
    };
  };
  return { tell };
}

function readConfig(path: string): { vocabSize: number; context: number } {
  const file = join(path, "config.json");
  let config: ModelConfig | null;
  try {
    config = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new InputError(`${file} is not readable: ${(error as Error).message}`);
  }
  const { vocab_size, max_position_embeddings } = { ...config?.text_config, ...config };
  if (!isCount(vocab_size)) throw new InputError(`${file} has no vocab_size, or none that is a number of tokens`);
  // Absent, as with models that have no such limit.
  const context = max_position_embeddings ?? Number.POSITIVE_INFINITY;
  if (context !== Number.POSITIVE_INFINITY && !isCount(context)) {
    throw new InputError(`${file} has a max_position_embeddings that is no number of tokens`);
  }
  return { vocabSize: vocab_size, context };
}

const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) <= 2 ** 31;

const idsOf = (ids: number | readonly number[] | null | undefined): readonly number[] => [ids ?? []].flat();

/** Options that speak of a text's end mean every token that ends it here; those that need its length get it where the user named none. */
function withEnds(
  sampling: Omit<SamplerOptions, "vocabSize">,
  stops: readonly number[],
  limit: number,
): Omit<SamplerOptions, "vocabSize"> {
  const options = { ...sampling };
  if (options.minNewTokens !== undefined || options.exponentialDecayLengthPenalty !== undefined)
    options.eosTokenId = stops;
  if (options.forcedEosTokenId !== undefined) options.maxNewTokens ??= limit;
  return options;
}
