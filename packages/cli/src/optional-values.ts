// Flags whose value is optional. Commander would give such a flag whatever word follows it, even a file's name:
// `sample --p-less logits.npy` would be left without a file.

import type { Command } from "commander";

/** Lets `flag` take only `word` as its value; any other word after it is left to the command. */
export function keepFollowingWords(command: Command, flag: string, word: string): void {
  const parse = command.parseOptions.bind(command);
  command.parseOptions = (argv) => parse(joined(argv, flag, word));
}

/** Rewrites `--flag word` as `--flag=word`, and `--flag` alone as `--flag=`, which takes nothing of what follows. */
function joined(argv: readonly string[], flag: string, word: string): string[] {
  const at = argv.indexOf(flag);
  const end = argv.indexOf("--");
  if (at < 0 || (end >= 0 && end < at)) return [...argv];
  const own = argv[at + 1] === word;
  const rest = argv.slice(at + (own ? 2 : 1));
  return [...argv.slice(0, at), `${flag}=${own ? word : ""}`, ...joined(rest, flag, word)];
}
