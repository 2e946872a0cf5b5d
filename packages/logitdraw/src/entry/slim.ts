// Without the module: the caller says where it comes from, before first use.

import { LogitdrawError } from "../errors.js";
import { memory, running, type Source, setSource } from "../wasm.js";

export * from "../index.js";

/**
 * Gives the module (`logitdraw/logitdraw.wasm`) as bytes or compiled, and starts it. A second call does nothing.
 * `WASM_UNAVAILABLE` where it does not start.
 *
 * @example
 * initSync(readFileSync(require.resolve("logitdraw/logitdraw.wasm")));
 */
export function initSync(source: Source): void {
  if (running()) return;
  setSource(() => source);
  memory();
}

/** What is read of a `Response`. */
export interface ModuleResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly url: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * As {@link initSync}, and takes a Response or a promise of any of them, too.
 *
 * @example
 * await init(fetch("/logitdraw.wasm"));
 */
export async function init(source: Source | ModuleResponse | PromiseLike<Source | ModuleResponse>): Promise<void> {
  if (running()) return;
  const given = await source;
  if (typeof given !== "object" || given === null || !("arrayBuffer" in given)) return initSync(given);
  if (!given.ok)
    throw new LogitdrawError("WASM_UNAVAILABLE", `the WebAssembly module was not found: ${given.status} ${given.url}`);
  initSync(await given.arrayBuffer());
}
