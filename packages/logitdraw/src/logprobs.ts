// Log-probabilities, and their objects from the core's list of numbers.

/** A token's log-probability and rank. */
export interface TokenLogprob {
  /** The token's id. */
  token: number;
  /** The natural logarithm of the token's probability; -Infinity if that is 0. */
  logprob: number;
  /** How many tokens are at least as probable, itself included: 1 is the best, and two equally good best tokens both have 2. */
  rank: number;
}

/** A drawn token, and the best tokens of its step. */
export interface SampleWithLogprobs extends TokenLogprob {
  /** The best tokens, as many as were asked for or have a probability above 0; best first, equal ones by ascending id. */
  top: TokenLogprob[];
}

/** Reads the core's list: three numbers per token. */
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
