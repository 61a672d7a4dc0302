/**
 * The backend `wasm`: the native kernels as WebAssembly, a module for each family of them, one instance a thread. No Node module in here;
 * pages load it too.
 */
import type { Backend } from "../core/backend/backend.js";
import { use } from "../core/call/choose.js";
import type { Contract } from "../core/contract/contract.js";
import { didYouMean, TickforgeError } from "../core/contract/errors.js";
import { type Compiled, engine, notTaken, unable, WasmModule } from "./wasm_module.js";
import { WasmProgram } from "./wasm_program.js";

/** A URL, for whom no types of Node are there to say so. */
interface Address {
  readonly href: string;
}
/** Where bundlers find the module of each family: addresses that are written out. native/wasm/CMakeLists.txt has the same families. */
const beside = {
  math: (): Address => new URL("./tickforge-math.wasm", import.meta.url),
  files: (): Address => new URL("./tickforge-files.wasm", import.meta.url),
  flow: (): Address => new URL("./tickforge-flow.wasm", import.meta.url),
  book: (): Address => new URL("./tickforge-book.wasm", import.meta.url),
  risk: (): Address => new URL("./tickforge-risk.wasm", import.meta.url),
  volatility: (): Address => new URL("./tickforge-volatility.wasm", import.meta.url),
  options: (): Address => new URL("./tickforge-options.wasm", import.meta.url),
  factor: (): Address => new URL("./tickforge-factor.wasm", import.meta.url),
  model: (): Address => new URL("./tickforge-model.wasm", import.meta.url),
  portfolio: (): Address => new URL("./tickforge-portfolio.wasm", import.meta.url),
  parity: (): Address => new URL("./tickforge-parity.wasm", import.meta.url),
  selection: (): Address => new URL("./tickforge-selection.wasm", import.meta.url),
};
/** Kernels that come in one module; docs/backends.md tells which. */
export type WasmFamily = keyof typeof beside;
export const wasmFamilies = Object.keys(beside) as WasmFamily[];

/** How a thread comes by the bytes of a module when it is first wanted; pages load theirs before. */
let bytesOf: ((family: WasmFamily) => Uint8Array) | undefined;
const unopened = new Map<WasmFamily, Uint8Array>();
const modules = new Map<WasmFamily, WasmModule>();
const failures = new Map<WasmFamily, TickforgeError>();
/** Which family has a contract's kernel, null where none that can be had has it. */
let holders = new WeakMap<Contract, WasmFamily | null>();

/** The bytes of a module of Node's, read once; undefined where it was not found, or pages load it. */
function read(family: WasmFamily): Uint8Array | undefined {
  let bytes = unopened.get(family);
  if (bytes || !bytesOf || failures.has(family)) return bytes;
  try {
    const why = unable();
    if (why) throw why;
    bytes = bytesOf(family);
    unopened.set(family, bytes);
  } catch (error) {
    failures.set(family, notTaken(error, family));
  }
  return bytes;
}

/** This thread's module of a family, or why there is none: looked for once. */
export function openWasm(family: WasmFamily): { readonly module?: WasmModule; readonly failed?: TickforgeError } {
  const bytes = modules.has(family) ? undefined : read(family);
  if (bytes)
    try {
      modules.set(family, new WasmModule(new engine.Module(bytes), bytes.length));
    } catch (error) {
      failures.set(family, notTaken(error, family));
    } finally {
      unopened.delete(family);
    }
  const module = modules.get(family);
  if (module) return { module };
  const unloaded = () =>
    new TickforgeError("E_WASM_MISSING", `WebAssembly: no module '${family}' was loaded`, { hint: "await loadWasm()" });
  return { failed: failures.get(family) ?? unloaded() };
}

/** Kernels' names lie in a module as texts that end in 0, so that one which has not the name need not be compiled. */
const mayHold = (bytes: Uint8Array, kernel: string): boolean => new TextDecoder("latin1").decode(bytes).includes(`${kernel}\0`);
const holds = (family: WasmFamily, { name }: Contract): boolean => modules.get(family)?.rows.some((row) => row.name === name) ?? false;

function search(contract: Contract): WasmFamily | null {
  for (const family of wasmFamilies) if (holds(family, contract)) return family;
  for (const family of wasmFamilies) {
    const bytes = modules.has(family) ? undefined : read(family);
    if (bytes && mayHold(bytes, contract.name) && openWasm(family).module && holds(family, contract)) return family;
  }
  return null;
}
function familyOf(contract: Contract): WasmFamily | null {
  let family = holders.get(contract);
  if (family === undefined) holders.set(contract, (family = search(contract)));
  return family;
}

/** The module that has a kernel, a new instance where a trap has ended the last. */
function current(contract: Contract): WasmModule {
  const family = familyOf(contract)!;
  const there = modules.get(family)!;
  if (!there.broken) return there;
  const anew = new WasmModule(there.compiled, there.size, there.most);
  modules.set(family, anew);
  return anew;
}

/** Why no module has a kernel. */
function nowhere({ name }: Contract): string {
  const [first] = failures.values();
  if (first) return first.message;
  return modules.size > 0
    ? `WebAssembly: ${name} is not in ${[...modules.keys()].join(", ")}, which are loaded`
    : openWasm("math").failed!.message;
}

export const wasm: Backend = {
  name: "wasm",
  behind: "native",
  bind(bound) {
    const family = familyOf(bound.contract);
    if (family === null || typeof modules.get(family)!.row(bound.contract, bound.real) === "string") return undefined;
    return new WasmProgram(bound, () => current(bound.contract));
  },
  cause(contract, real) {
    const family = familyOf(contract);
    const row = family === null ? nowhere(contract) : modules.get(family)!.row(contract, real);
    return typeof row === "string" ? row : "";
  },
};

/** For Node, which reads a file at once. */
export function wasmFrom(bytes: (family: WasmFamily) => Uint8Array): void {
  bytesOf ??= bytes;
}

export interface WasmOptions {
  /** Families of kernels whose modules are loaded: all, unless said. */
  families?: readonly WasmFamily[];
  /** Where the module of a family comes from, if not from beside this file: an address, a response, the bytes or a compiled module. */
  from?: { readonly [family in WasmFamily]?: string | object };
  /** Bytes of memory that each module may grow to; 4 GiB at most, which is the default. */
  maximumBytes?: number;
}

/**
 * Loads kernels as WebAssembly, some ten times as fast as the reference: a module for each family, of 45 to 105 kB gzipped. Calls that name
 * no backend take a module from when it has come; what was bound before, and streams, stay where they are. A module lies beside this file,
 * `tickforge-flow.wasm`, at an address that bundlers know, unless `from` says otherwise. Each worker loads its own, for which compiled
 * modules may be sent to it. Rejects with a TickforgeError where one does not come, and what it has computes as before: E_WASM_MISSING,
 * E_WASM_SIMD (an engine without vectors), E_WASM_CSP (a page whose policy has no 'wasm-unsafe-eval'), E_WASM_VERSION (a module of another
 * version), E_OPTION_RANGE (a family that there is not), E_OPTION_UNKNOWN.
 */
export async function loadWasm(options: WasmOptions = {}): Promise<void> {
  const { families = wasmFamilies, from = {}, maximumBytes } = options;
  const why = unable() ?? wrong(options);
  if (why) throw why;
  const load = async (family: WasmFamily): Promise<void> => {
    try {
      const { code, size } = await compiled(from[family] ?? beside[family]());
      modules.set(family, new WasmModule(code, size, maximumBytes));
    } catch (error) {
      throw notTaken(error, family);
    }
    failures.delete(family);
    unopened.delete(family);
    holders = new WeakMap();
    use(wasm);
  };
  const outcomes = await Promise.allSettled([...new Set(families)].map(load)); // one that fails leaves the others to come
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}

/** What is not as WasmOptions say, which plain JavaScript may give. */
function wrong(options: WasmOptions): TickforgeError | undefined {
  const known = ["families", "from", "maximumBytes"];
  const [other] = Object.keys(options).filter((key) => !known.includes(key));
  if (other !== undefined || options instanceof URL)
    return new TickforgeError("E_OPTION_UNKNOWN", `loadWasm: takes { ${known.join(", ")} }, not '${other ?? options}'`, {
      hint: 'an address goes by family: { families: ["flow"], from: { flow: address } }',
    });
  const name = [...(options.families ?? []), ...Object.keys(options.from ?? {})].find((one) => !wasmFamilies.includes(one as WasmFamily));
  if (name === undefined) return undefined;
  const near = didYouMean(name, wasmFamilies);
  return new TickforgeError("E_OPTION_RANGE", `loadWasm: no family is called '${name}'${near ? `; did you mean ${near}?` : ""}`, {
    hint: `families: ${wasmFamilies.join(", ")}`,
  });
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
