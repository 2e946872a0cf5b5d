// Commander suggests the flag that is the fewest letters away. For an abbreviated flag that is rarely the one that was meant: --help is
// nearer to --temp than --temperature is.

/** Returns an error's text; if the unknown flag in it is the beginning of just one of `flags`, it suggests that one. */
export function suggestWhole(text: string, flags: readonly string[]): string {
  const short = /unknown option '(--[\w-]+)/.exec(text)?.[1];
  const [whole, ...others] = flags.filter((flag) => short !== undefined && flag.startsWith(short));
  if (whole === undefined || others.length > 0) return text;
  return `${text.replace(/\n\(Did you mean .*\)/, "").trimEnd()}\n(Did you mean ${whole}?)\n`;
}
