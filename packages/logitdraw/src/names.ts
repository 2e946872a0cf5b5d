// Options objects that never reach the core have their names checked here, by the same rule.

import { nearest_name } from "../pkg/logitdraw_wasm.js";
import { badOption, kindOf, LogitdrawError } from "./errors.js";
import { memory } from "./wasm.js";

/** The names of an object's options as reading them would find them: its own, inherited ones, a class's getters; nothing that all objects have. */
export function namesOf(options: object): string[] {
  const names = new Set<string>();
  for (let at = options; at === options || (at !== null && !Object.hasOwn(at, "isPrototypeOf")); ) {
    for (const [name, { enumerable, get }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (enumerable || get !== undefined) names.add(name);
    }
    at = Object.getPrototypeOf(at);
  }
  return [...names];
}

/** `UNKNOWN_OPTION` for a key that is none of `known`, naming the nearest; `INVALID_OPTION` for what is no object at all. */
export function checkNames(options: object, known: readonly string[], what = "options"): void {
  if (typeof options !== "object" || options === null) {
    throw badOption(what, `${what} must be an object, not ${kindOf(options)}`);
  }
  for (const name of namesOf(options)) {
    if (known.includes(name)) continue;
    memory();
    const near = known[nearest_name(name, known.join(","))];
    const hint = near === undefined ? "" : `; did you mean ${near}?`;
    const option = what === "options" ? name : `${what}.${name}`;
    throw new LogitdrawError("UNKNOWN_OPTION", `there is no option ${option}${hint}`, { option });
  }
}

/** A number among options that the core does not see by itself. */
export function numberOption(name: string, value: unknown): number {
  if (typeof value === "number") return value;
  throw badOption(name, `${name} must be a number, not ${kindOf(value)}`);
}

/** An integer from `low` to `high` among them. */
export function integerOption(name: string, value: unknown, low: number, high: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= low && value <= high) return value;
  throw badOption(name, `${name} must be an integer from ${low} to ${high}, not ${kindOf(value)}`);
}
