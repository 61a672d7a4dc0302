/** The backend `wasm`: the native kernels as a WebAssembly module, one instance a thread. No Node module in here; pages load it too. */
import type { Backend } from "../core/backend/backend.js";
import { use } from "../core/call/choose.js";
import { TickforgeError } from "../core/contract/errors.js";
import { type Compiled, engine, notTaken, unable, WasmModule } from "./wasm_module.js";
import { WasmProgram } from "./wasm_program.js";

/** How a thread comes by the bytes of the module when it is first wanted; pages load it before. */
let bytesOf: (() => Uint8Array) | undefined;
let module: WasmModule | undefined;
let failed: TickforgeError | undefined;

function attempt(make: () => WasmModule): void {
  try {
    const why = unable();
    if (why) throw why;
    module = make();
    failed = undefined;
  } catch (error) {
    failed = notTaken(error);
  }
}

/** The module of this thread, or why there is none: looked for once. */
export function openWasm(): { readonly module?: WasmModule; readonly failed?: TickforgeError } {
  const from = bytesOf;
  if (!module && !failed && from)
    attempt(() => {
      const bytes = from();
      return new WasmModule(new engine.Module(bytes), bytes.length);
    });
  if (module) return { module };
  return { failed: failed ?? new TickforgeError("E_WASM_MISSING", "WebAssembly: no module was loaded", { hint: "await loadWasm()" }) };
}

/** The same, a new instance where a trap has ended the last. */
function current(): WasmModule {
  const { module: there, failed: why } = openWasm();
  if (!there) throw why;
  if (there.broken) module = new WasmModule(there.compiled, there.size, there.most);
  return module!;
}

export const wasm: Backend = {
  name: "wasm",
  behind: "native",
  bind: (bound) => (typeof openWasm().module?.row(bound.contract, bound.real) === "number" ? new WasmProgram(bound, current) : undefined),
  cause(contract, real) {
    const { module: there, failed: why } = openWasm();
    const row = there ? there.row(contract, real) : why!.message;
    return typeof row === "string" ? row : "";
  },
};

/** For Node, which reads a file at once. */
export function wasmFrom(read: () => Uint8Array): void {
  bytesOf ??= read;
}

export interface WasmOptions {
  /** Bytes of memory that it may grow to; 4 GiB at most, which is the default. */
  maximumBytes?: number;
}

/**
 * Loads the kernels as WebAssembly, some ten times as fast as the reference. Calls that name no backend take it from then on; what was bound
 * before, and streams, stay where they are. `from`: an address, a response, the bytes or a compiled module; without it `tickforge.wasm` beside this file, whose
 * address bundlers know. Each worker loads its own, for which a compiled module may be sent to it. Rejects with a TickforgeError, and
 * everything computes as before: E_WASM_MISSING, E_WASM_SIMD (an engine without vectors), E_WASM_CSP (a page whose policy has no
 * 'wasm-unsafe-eval'), E_WASM_VERSION (a module of another version).
 */
export async function loadWasm(
  from: string | object = new URL("./tickforge.wasm", import.meta.url),
  { maximumBytes }: WasmOptions = {},
): Promise<void> {
  const why = unable();
  if (why) throw why;
  try {
    const { code, size } = await compiled(from);
    module = new WasmModule(code, size, maximumBytes);
  } catch (error) {
    throw notTaken(error);
  }
  failed = undefined;
  use(wasm);
}

/** Of a module that was compiled before nobody knows the size. */
async function compiled(from: string | object): Promise<{ readonly code: Compiled; readonly size: number }> {
  if (from instanceof engine.Module) return { code: from, size: 0 };
  let bytes = from as ArrayBuffer | Uint8Array;
  if (typeof from === "string" || from instanceof URL || from instanceof Response) {
    const response = from instanceof Response ? from : await fetch(from);
    if (!response.ok) throw new Error(`${response.url || String(from)} answers ${response.status}`);
    bytes = await response.arrayBuffer(); // some servers give no media type, which compileStreaming() asks for
  }
  return { code: await engine.compile(bytes), size: bytes.byteLength };
}
