// Log-probabilities, as the core lists them.

/** A token's log-probability and rank. */
export interface TokenLogprob {
  token: number;
  /** The natural logarithm of its probability; -Infinity where it has none. */
  logprob: number;
  /** How many tokens are at least as probable, itself among them: 1 is the best, and of two equally good ones both have 2. */
  rank: number;
}

/** A drawn token, and the best ones beside it. */
export interface SampleWithLogprobs extends TokenLogprob {
  /** As many of the best tokens as were asked for, or as have a probability, best first, equal ones by ascending id. */
  top: TokenLogprob[];
}

/** Three numbers a token. */
export function logprobsFrom(numbers: Float64Array): TokenLogprob[] {
  const found: TokenLogprob[] = [];
  for (let at = 0; at < numbers.length; at += 3) {
    found.push({
      token: numbers[at] as number,
      logprob: numbers[at + 1] as number,
      rank: numbers[at + 2] as number,
    });
  }
  return found;
}
