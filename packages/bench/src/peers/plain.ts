// A careful loop in plain JavaScript: what a good programmer writes without WebAssembly. Typed arrays, and
// nothing of the vocabulary's size allocated per token.

/** Draws tokens of one vocabulary size. */
export class PlainSampler {
  private readonly weights: Float32Array;

  constructor(
    vocabSize: number,
    private readonly temperature: number,
    private readonly random: () => number = Math.random,
  ) {
    this.weights = new Float32Array(vocabSize);
  }

  greedy(logits: Float32Array): number {
    let best = 0;
    let max = logits[0] as number;
    for (let i = 1; i < logits.length; i++) {
      const x = logits[i] as number;
      if (x > max) {
        max = x;
        best = i;
      }
    }
    return best;
  }

  whole(logits: Float32Array): number {
    const { weights } = this;
    const scale = 1 / this.temperature;
    let max = -Infinity;
    for (let i = 0; i < logits.length; i++) {
      const x = logits[i] as number;
      if (x > max) max = x;
    }
    let sum = 0;
    for (let i = 0; i < logits.length; i++) {
      const weight = Math.exp(((logits[i] as number) - max) * scale);
      weights[i] = weight;
      sum += weight;
    }
    let left = this.random() * sum;
    for (let i = 0; i < weights.length; i++) {
      left -= weights[i] as number;
      if (left < 0) return i;
    }
    return weights.length - 1;
  }

  /**
   * Draws with a running threshold: keeps the k best logits so far in a sorted list, so that a logit costs more than
   * one comparison only if it beats the worst of them.
   */
  topK(logits: Float32Array, k: number): number {
    const ids = new Int32Array(k);
    const values = new Float32Array(k).fill(-Infinity);
    let threshold = -Infinity;
    for (let i = 0; i < logits.length; i++) {
      const x = logits[i] as number;
      if (x <= threshold) continue;
      let at = k - 1;
      while (at > 0 && (values[at - 1] as number) < x) {
        values[at] = values[at - 1] as number;
        ids[at] = ids[at - 1] as number;
        at--;
      }
      values[at] = x;
      ids[at] = i;
      threshold = values[k - 1] as number;
    }
    const scale = 1 / this.temperature;
    const max = values[0] as number;
    let sum = 0;
    for (let i = 0; i < k; i++) sum += values[i] = Math.exp(((values[i] as number) - max) * scale);
    let left = this.random() * sum;
    for (let i = 0; i < k; i++) {
      left -= values[i] as number;
      if (left < 0) return ids[i] as number;
    }
    return ids[k - 1] as number;
  }
}
