// Options that never reach the core: checks their names by the core's rule, and the numbers among them.

import { nearest_name } from "../pkg/logitdraw_wasm.js";
import { badOption, kindOf, LogitdrawError } from "./errors.js";
import { memory } from "./wasm.js";

/** Returns the names of an object's options: own and inherited keys and a class's getters, but nothing that all objects have. */
function namesOf(options: object): string[] {
  const names = Object.keys(options);
  let at = Object.getPrototypeOf(options);
  // Returns early for a plain object, which nearly every call has.
  if (at === Object.prototype) return names;
  for (; at !== null && !Object.hasOwn(at, "isPrototypeOf"); at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) {
      const { enumerable, get } = Object.getOwnPropertyDescriptor(at, name) as PropertyDescriptor;
      if (enumerable || get !== undefined) names.push(name);
    }
  }
  return [...new Set(names)];
}

/** Returns the names and values of an object's options. */
export function entriesOf(options: object): [name: string, value: unknown][] {
  return namesOf(options).map((name) => [name, (options as Record<string, unknown>)[name]]);
}

/** Throws `UNKNOWN_OPTION` for a name that is not in `known`, with the nearest that is; `INVALID_OPTION` for anything but an object. */
export function checkNames(options: object, known: readonly string[], what = "options"): void {
  if (typeof options !== "object" || options === null) {
    throw badOption(what, `${what} must be an object, not ${kindOf(options)}`);
  }
  for (const name of namesOf(options)) {
    if (known.includes(name)) continue;
    memory();
    throw unknownOption(what === "options" ? name : `${what}.${name}`, known[nearest_name(name, known.join(","))]);
  }
}

/** Returns the error `UNKNOWN_OPTION`, with the name that may have been meant. */
export function unknownOption(option: string, near: string | undefined): LogitdrawError {
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  return new LogitdrawError("UNKNOWN_OPTION", `unknown option ${option}${hint}`, { option });
}

/** Checks a number among options that the core does not read itself. */
export function numberOption(name: string, value: unknown): number {
  if (typeof value === "number") return value;
  throw badOption(name, `${name} must be a number, not ${kindOf(value)}`);
}

/** Checks an integer from `low` to `high` among such options. */
export function integerOption(name: string, value: unknown, low: number, high: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= low && value <= high) return value;
  throw badOption(name, `${name} must be an integer from ${low} to ${high}, not ${kindOf(value)}`);
}
