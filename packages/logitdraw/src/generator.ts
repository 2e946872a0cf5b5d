// A stand-alone random number generator: for `multinomial`, and for anyone who wants a library's stream of random numbers.

import { CoreGenerator } from "../pkg/logitdraw_wasm.js";
import { ownCopy, tagOf } from "./arrays.js";
import { dispose } from "./disposal.js";
import { entropySeed } from "./entropy.js";
import { badOption, check, checked, freed, kindOf, LogitdrawError } from "./errors.js";
import { integer } from "./integers.js";
import { checkNames } from "./names.js";
import { checkRoom } from "./room.js";
import { memory } from "./wasm.js";

/**
 * Which library's random numbers to use, and by which library's rule they become tokens: our own ("philox"), torch's on CPU ("torch";
 * "torch-mkl" for the x86 wheels of 2.0 to 2.6), numpy's `default_rng` ("numpy") or `RandomState` ("numpy-legacy"), or llama.cpp's.
 */
export type GeneratorName = "philox" | "torch" | "torch-mkl" | "numpy" | "numpy-legacy" | "llama.cpp";

/** Returns a Generator's core, for the functions of this package that draw from it; throws `FREED` after `free`. */
export let coreOfGenerator: (generator: Generator) => CoreGenerator;

/** Whether a value is a Generator. */
export let isGenerator: (value: unknown) => value is Generator;

/**
 * A random number generator: an algorithm (default "philox"), its seed, and its position in the stream.
 *
 * Seeds: philox, torch and torch-mkl take integers from -2^63 to 2^64 - 1 (torch's use the low 32 bits, as torch does), numpy any
 * integer of at least 0, numpy-legacy 0 to 2^32 - 1, llama.cpp 0 to 2^32 - 2. Without a seed, the platform's entropy chooses one.
 * `sequence` (philox only, default 0) is which stream of the seed to use. A sampler of the same seed and sequence draws from the same
 * random numbers, so the tokens of the two are not independent. Give a generator used along with a sampler a different sequence.
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

  /** Creates a generator at the start of its stream. Throws `INVALID_OPTION` naming `algorithm`, `seed` or `sequence`. */
  constructor(options: { algorithm?: GeneratorName; seed?: number | bigint; sequence?: number | bigint } = {}) {
    // `restore` and `clone` pass a CoreGenerator, which code outside the package cannot create.
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

  /** Returns the next double in [0, 1), by the algorithm's own rule: torch's `rand(dtype=float64)`, numpy's `random()`. */
  random(): number {
    return this.#alive().random();
  }

  /** Starts again from another seed. Throws `INVALID_OPTION` naming `seed` if the algorithm does not take it; nothing has changed then. */
  manualSeed(seed: number | bigint): void {
    const core = this.#alive();
    const { negative, words } = integer("seed", seed);
    check(core.manual_seed(negative, words));
  }

  /**
   * Returns the whole state: some 40 to 80 bytes (more for a numpy seed of many words), or 2.5 KB for a Mersenne Twister (torch's,
   * numpy-legacy and llama.cpp).
   */
  save(): Uint8Array {
    return this.#alive().save();
  }

  /** Restores the generator that `save` saved. Throws `INVALID_STATE` for bytes that are truncated, altered or something else. */
  static restore(state: Uint8Array): Generator {
    if (tagOf(state) !== "Uint8Array") {
      throw new LogitdrawError("INVALID_STATE", `a saved state is a Uint8Array, not ${kindOf(state)}`);
    }
    checkRoom(2 * state.length);
    return generatorOf(checked(CoreGenerator.restore(ownCopy(state))));
  }

  /** Returns a copy that goes on as this one would. */
  clone(): Generator {
    return generatorOf(this.#alive().twin());
  }

  /** Frees the memory; every other call throws `FREED` from then on. */
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

/** Kept outside the class: a reference to the class from within makes bundlers rename it, which then shows in the console. */
function generatorOf(core: CoreGenerator): Generator {
  return new Generator(core as object);
}
