/** Tokens of the digest: the bundler's. */
declare const COUNT: number;
