// Commander suggests the flag that is fewest letters away. For one that was cut short that is rarely the one that was
// meant: --help is nearer to --temp than --temperature.

/** An error's text with the one of `flags` that an unknown flag begins, where there is just one. */
export function suggestWhole(text: string, flags: readonly string[]): string {
  const short = /unknown option '(--[\w-]+)/.exec(text)?.[1];
  const [whole, ...others] = flags.filter((flag) => short !== undefined && flag.startsWith(short));
  if (whole === undefined || others.length > 0) return text;
  return `${text.replace(/\n\(Did you mean .*\)/, "").trimEnd()}\n(Did you mean ${whole}?)\n`;
}
