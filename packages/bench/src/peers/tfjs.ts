// tfjs on its CPU backend, used the way its users do: divide, top-k, softmax, multinomial. Its multinomial takes
// logits.

import * as tf from "@tensorflow/tfjs";

interface TfjsOptions {
  /** 0: greedy. */
  temperature: number;
  /** Absent: the whole vocabulary. */
  topK?: number;
  topP?: number;
}

export async function tfjsSampler(options: TfjsOptions): Promise<(logits: Float32Array) => number> {
  tf.enableProdMode(); // without its checks, and without its banner
  await tf.setBackend("cpu");
  await tf.ready();
  const draw = (scaled: tf.Tensor1D) => tf.multinomial(scaled, 1).dataSync()[0] as number;
  return (logits) =>
    tf.tidy(() => {
      const row = tf.tensor1d(logits);
      if (options.temperature === 0) return row.argMax().dataSync()[0] as number;
      const scaled = row.div<tf.Tensor1D>(options.temperature);
      const k = options.topK ?? (options.topP === undefined ? undefined : logits.length);
      if (k === undefined) return draw(scaled);
      const { values, indices } = tf.topk(scaled, k, true);
      const kept = options.topP === undefined ? values : nucleus(values, options.topP);
      return indices.dataSync()[draw(kept as tf.Tensor1D)] as number;
    });
}

/** Takes logits in descending order and sets those to -Infinity where the mass before a token reaches `p`. */
function nucleus(sorted: tf.Tensor, p: number): tf.Tensor {
  const probabilities = tf.softmax(sorted);
  const before = tf.cumsum(probabilities, 0, true);
  return tf.where(before.less(p), sorted, tf.fill(sorted.shape, Number.NEGATIVE_INFINITY));
}
