// Generates a text with a loaded model, which computes the logits, while logitdraw draws the tokens.

import { Sampler } from "logitdraw";
import { InputError } from "./errors.js";
import type { Model } from "./model.js";
import type { Sampling } from "./sampling-options.js";

/** How many tokens a text has by default. */
export const DEFAULT_TOKENS = 100;

export interface Told {
  tokens: number[];
  promptTokens: number;
  /** "context": the text has reached the end of the model's context. */
  reason: "eos" | "length" | "context";
  seed: bigint;
  /** Milliseconds spent in total, and on drawing alone. */
  elapsed: number;
  drawing: number;
}

/**
 * Continues the prompt. Refuses impossible options and a prompt that is too long before it calls `onText`. If `maxTokens` is absent, it
 * is the options' maxNewTokens, or else {@link DEFAULT_TOKENS}.
 */
export async function tell(
  model: Model,
  prompt: string,
  sampling: Sampling,
  maxTokens: number | undefined,
  onText: (text: string) => void,
): Promise<Told> {
  const { tokenizer, vocabSize, context } = model;
  const inputs = tokenizer(prompt);
  const promptIds = Array.from(inputs.input_ids.data as BigInt64Array, Number);
  const room = context - promptIds.length;
  if (room < 1)
    throw new InputError(`the prompt has ${promptIds.length} tokens; the model looks back ${context} at most`);
  const { maxNewTokens = Number.POSITIVE_INFINITY } = sampling;
  const wanted = Math.min(maxTokens ?? sampling.maxNewTokens ?? DEFAULT_TOKENS, maxNewTokens);
  const limit = Math.min(wanted, room);
  const stops = [...new Set([...model.ends, ...[sampling.eosTokenId ?? []].flat()])];
  const sampler = new Sampler({ ...withEnds(sampling, stops, limit), vocabSize });
  try {
    sampler.prompt(promptIds);
    const drawer = new Drawer(sampler);
    const start = performance.now();
    await generate(model, inputs, { limit, stops, drawer, onText });
    const elapsed = performance.now() - start;
    const { tokens, drawing } = drawer;
    const ended = stops.includes(tokens.at(-1) ?? -1);
    const reason = ended ? "eos" : limit < wanted ? "context" : "length";
    return { tokens, promptTokens: promptIds.length, reason, seed: sampler.seed, elapsed, drawing };
  } finally {
    sampler.free();
  }
}

/** Makes options about a text's end mean every token that ends it here; gives those that need its length a default if the user set none. */
function withEnds(sampling: Sampling, stops: readonly number[], limit: number): Sampling {
  const options = { ...sampling };
  if (options.minNewTokens !== undefined || options.exponentialDecayLengthPenalty !== undefined)
    options.eosTokenId = stops;
  if (options.forcedEosTokenId !== undefined) options.maxNewTokens ??= limit;
  return options;
}

/** Makes a sampler a logits processor of transformers.js. */
class Drawer {
  readonly tokens: number[] = [];
  /** Milliseconds spent on drawing. */
  drawing = 0;

  constructor(private readonly sampler: Sampler) {}

  /** `generate()` takes the largest logit: setting all but the drawn token's to -Infinity makes it take our draw. */
  readonly process = <L extends { data: Float32Array }>(_ids: bigint[][], logits: L): L => {
    const { data } = logits;
    const { vocabSize } = this.sampler;
    const start = performance.now();
    const token = this.sampler.sample(data.length === vocabSize ? data : data.subarray(0, vocabSize));
    this.drawing += performance.now() - start;
    data.fill(Number.NEGATIVE_INFINITY);
    data[token] = 0;
    this.tokens.push(token);
    return logits;
  };
}

interface Course {
  limit: number;
  stops: readonly number[];
  drawer: Drawer;
  onText: (text: string) => void;
}

async function generate({ network, tokenizer, TextStreamer }: Model, inputs: object, course: Course): Promise<void> {
  const streamer = new TextStreamer(tokenizer, {
    skip_prompt: true,
    skip_special_tokens: true,
    callback_function: course.onText,
  });
  // Turns off what a model's own generation_config may ask for, so that only the sampler's options count.
  const neutral = {
    repetition_penalty: 1,
    no_repeat_ngram_size: 0,
    bad_words_ids: null,
    min_length: 0,
    min_new_tokens: 0,
  };
  await network.generate({
    ...inputs,
    ...neutral,
    do_sample: false,
    max_new_tokens: course.limit,
    eos_token_id: course.stops.length > 0 ? course.stops : null,
    logits_processor: [course.drawer.process],
    streamer,
  } as unknown as Parameters<typeof network.generate>[0]);
}
