// The name of the method that `using` calls. In runtimes that do not know it yet, a registered symbol takes its place.

/** Looked up by name, because the build removes the expression `Symbol.dispose`, for the sake of the bindings (tsup.config.ts). */
export const dispose: typeof Symbol.dispose = Reflect.get(Symbol, "dispose") ?? Symbol.for("Symbol.dispose");
