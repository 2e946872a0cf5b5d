// `using` calls the method of this name. Where the runtime does not know it yet, the registered symbol stands in for it.

/** By its name, for the build takes `Symbol.dispose` out of the bindings (tsup.config.ts). */
export const dispose: typeof Symbol.dispose = Reflect.get(Symbol, "dispose") ?? Symbol.for("Symbol.dispose");
