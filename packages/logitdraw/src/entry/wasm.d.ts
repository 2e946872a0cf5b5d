// What the build turns these imports into: texts where modules are embedded, a compiled module on workerd.

declare module "*_bg.txt" {
  const text: string;
  export default text;
}

declare module "*?base64" {
  const base64: string;
  export default base64;
}

declare module "*?hex" {
  const hex: string;
  export default hex;
}

declare module "*/logitdraw.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
