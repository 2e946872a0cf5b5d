// A generator of random numbers of its own: for `multinomial`, and for whoever wants a library's stream.

import { CoreGenerator } from "../pkg/logitdraw_wasm.js";
import { dispose } from "./disposal.js";
import { entropySeed } from "./entropy.js";
import { badOption, check, checked, freed, kindOf, LogitdrawError } from "./errors.js";
import { integer } from "./integers.js";
import { tagOf } from "./logits.js";
import { checkNames } from "./names.js";
import { apart, reserve } from "./room.js";
import { memory } from "./wasm.js";

/**
 * Whose numbers, and by whose rule they become tokens: our own ("philox"), or those of torch on CPU ("torch"; "torch-mkl" for
 * the x86 wheels of 2.0 to 2.6), numpy's `default_rng` ("numpy") and `RandomState` ("numpy-legacy"), llama.cpp.
 */
export type GeneratorName = "philox" | "torch" | "torch-mkl" | "numpy" | "numpy-legacy" | "llama.cpp";

/** What stands behind a Generator, for the functions of this package that draw from one. */
export let coreOfGenerator: (generator: Generator) => CoreGenerator;

/** Whether it is a Generator. */
export let isGenerator: (value: unknown) => value is Generator;

/**
 * A generator of random numbers: an algorithm, its seed, and how far it has come.
 *
 * Seeds: philox, torch and torch-mkl take integers from -2^63 to 2^64 - 1 (torch uses the low 32 bits, as torch does), numpy any
 * of at least 0, numpy-legacy from 0 to 2^32 - 1, llama.cpp from 0 to 2^32 - 2. Without one the platform's entropy is asked.
 * `sequence` (philox alone) is which stream of the seed. A sampler of the same seed and sequence draws by the same random numbers, in
 * another way: their tokens differ, and yet are not independent. Give a generator beside a sampler another sequence.
 *
 * @example
 * const generator = new Generator({ algorithm: "torch", seed: 123 });
 * multinomial(probabilities, 10, { replacement: true, generator });   // torch's tokens after torch.manual_seed(123)
 * generator.free();
 */
export class Generator {
  #core: CoreGenerator | undefined;

  static {
    coreOfGenerator = (generator) => generator.#alive();
    isGenerator = (value): value is Generator => typeof value === "object" && value !== null && #core in value;
  }

  /** `INVALID_OPTION` names `algorithm`, `seed` or `sequence`. */
  constructor(options: { algorithm?: GeneratorName; seed?: number | bigint; sequence?: number | bigint } = {}) {
    // From `restore` and `clone`: nobody outside can make one of these.
    if (options instanceof CoreGenerator) {
      this.#core = options;
      return;
    }
    checkNames(options, ["algorithm", "seed", "sequence"]);
    const { algorithm = "philox", seed, sequence = 0 } = options;
    if (typeof algorithm !== "string")
      throw badOption("algorithm", `algorithm must be a name, not ${kindOf(algorithm)}`);
    const { negative, words } = seed === undefined ? entropySeed(algorithm) : integer("seed", seed);
    const stream = integer("sequence", sequence);
    memory();
    this.#core = checked(CoreGenerator.create(algorithm, negative, words, stream.negative, stream.words));
  }

  /** The algorithm's name. */
  get algorithm(): GeneratorName {
    return this.#alive().algorithm() as GeneratorName;
  }

  /** The next double in [0, 1), by the algorithm's own rule: torch's `rand(dtype=float64)`, numpy's `random()`. */
  random(): number {
    return this.#alive().random();
  }

  /** Starts again with another seed. `INVALID_OPTION` where the algorithm does not take it; nothing has changed then. */
  manualSeed(seed: number | bigint): void {
    const core = this.#alive();
    const { negative, words } = integer("seed", seed);
    check(core.manual_seed(negative, words));
  }

  /** The whole state, some 40 to 80 bytes, or 2.6 KB of the Mersenne Twisters. */
  save(): Uint8Array {
    return this.#alive().save();
  }

  /** The generator that `save` saved. `INVALID_STATE` for bytes that are cut, altered or something else. */
  static restore(state: Uint8Array): Generator {
    if (tagOf(state) !== "Uint8Array") {
      throw new LogitdrawError("INVALID_STATE", `a saved state is a Uint8Array, not ${kindOf(state)}`);
    }
    reserve(2 * state.length);
    return generatorOf(checked(CoreGenerator.restore(apart(state))));
  }

  /** A twin that goes on as this one would. */
  clone(): Generator {
    return generatorOf(this.#alive().twin());
  }

  /** Gives the memory back; every other call throws FREED from then on. */
  free(): void {
    const core = this.#core;
    this.#core = undefined;
    core?.free();
  }

  /** `free`, for `using`. */
  [dispose](): void {
    this.free();
  }

  #alive(): CoreGenerator {
    if (this.#core === undefined) throw freed("Generator");
    return this.#core;
  }
}

/** Outside of the class, which bundlers would otherwise call by another name, in the console too. */
function generatorOf(core: CoreGenerator): Generator {
  return new Generator(core as object);
}
