/** The number of tokens in the digest, which the bundler defines. */
declare const COUNT: number;
