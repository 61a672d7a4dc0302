/** The entry for browsers: every kernel on its reference, or as WebAssembly after `await loadWasm()`, and frames. Imports no Node module. */
export { loadWasm, type WasmFamily, type WasmOptions } from "./backends/wasm.js";
export * from "./bus/frame.js";
export { BusError, DataError, KernelError, TickforgeError } from "./core/contract/errors.js";
export * from "./kernels/index.js";
export { sobolDirections } from "./kernels/parts/sobol_directions.js";
export { expectedShortfall, valueAtRisk } from "./kernels/risk/tail/value_at_risk.js";
