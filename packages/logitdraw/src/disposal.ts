// `using` calls the method of this name. Where the runtime does not know it yet, the registered symbol stands in for it.

export const dispose: typeof Symbol.dispose = Symbol.dispose ?? (Symbol.for("Symbol.dispose") as typeof Symbol.dispose);
