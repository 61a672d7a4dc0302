/** An instance of a WebAssembly module: its table of kernels, and the memory that executions are laid out in. No Node module in here. */
import type { Contract, Real } from "../core/contract/contract.js";
import { TickforgeError } from "../core/contract/errors.js";
import { argumentsOf } from "./arguments.js";
import { matchingRow, type TableRow } from "./rows.js";

/** The global WebAssembly, of which neither the library of the language nor Node's types tell; a compiled module may be sent to workers. */
export interface Compiled {
  readonly [Symbol.toStringTag]: string;
}
interface Memory {
  readonly buffer: ArrayBuffer;
}
interface Engine {
  validate(bytes: Uint8Array): boolean;
  compile(bytes: object): Promise<Compiled>;
  readonly Module: new (bytes: object) => Compiled;
  readonly Instance: new (module: Compiled, imports: object) => { readonly exports: unknown };
  readonly Memory: new (size: { initial: number; maximum: number }) => Memory;
  readonly RuntimeError: new () => Error;
}
export const engine = (globalThis as { WebAssembly?: Engine }).WebAssembly as Engine;

/** Of the package, and so of the modules that belong to it. */
export const moduleVersion = "0.1.0";
/** What native/wasm/module.cc exports, and how; it has the same number. */
const border = "border 1";

const page = 65_536;
/** The most that addresses of 32 bits reach. */
const mostBytes = 2 ** 32;

interface Exports {
  _initialize(): void;
  version(): number;
  describe(): number;
  failure(): number;
  declare(row: number, numbers: number, length: number): number;
  take(bytes: number): number;
  bind(row: number, numbers: number, length: number, lengths: number, state: number, slots: number): number;
  drop(held: number): void;
  control(held: number): number;
  parts(held: number): number;
  plan(held: number, slot: number): number;
  run(held: number): void;
}

/** (module (func (result v128) (v128.const 0))): whether an engine has vectors of 128 bits. */
const smallest = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 22, 1, 20, 0, 253, 12],
  ...new Uint8Array(16),
  11,
);

/** Why this engine runs no module; undefined where it does. */
export function unable(): TickforgeError | undefined {
  if (engine === undefined)
    return new TickforgeError("E_WASM_MISSING", "WebAssembly: this engine has none, or was started without it", {
      hint: "the reference computes everything too",
    });
  if (engine.validate(smallest)) return undefined;
  return new TickforgeError("E_WASM_SIMD", "WebAssembly: this engine has no vectors of 128 bits (SIMD)", {
    hint: "use Chrome 91, Firefox 89, Safari 16.4 or newer; the reference computes everything too",
  });
}

/** What an engine said of a module that it did not take. */
export function notTaken(cause: unknown, family: string): TickforgeError {
  if (cause instanceof TickforgeError) return cause;
  const { message } = cause as Error;
  if (/unsafe-eval|content security policy|csp/i.test(message))
    return new TickforgeError("E_WASM_CSP", "WebAssembly: the page's Content-Security-Policy forbids it", {
      hint: "add 'wasm-unsafe-eval' to its script-src; the reference computes everything too",
      cause,
    });
  return new TickforgeError("E_WASM_MISSING", `WebAssembly: the module '${family}' could not be loaded: ${message}`, {
    hint: `is tickforge-${family}.wasm served, whole and as it came with the package?`,
    cause,
  });
}

export class WasmModule {
  readonly memory: Memory;
  readonly call: Exports;
  /** Set where an execution ended in a trap: what the instance holds is not to be relied on. */
  broken = false;
  readonly rows: readonly TableRow[];
  private readonly found = { f64: new WeakMap<Contract, number | string>(), f32: new WeakMap<Contract, number | string>() };
  private bytes: Uint8Array;
  private numbers: Float64Array;

  /** Throws where the engine refuses it, or where it belongs to another version of the package. `most`: bytes of memory. */
  constructor(
    readonly compiled: Compiled,
    /** Bytes of the file. */
    readonly size: number,
    readonly most = mostBytes,
  ) {
    this.memory = new engine.Memory({ initial: 64, maximum: Math.floor(most / page) });
    const refuse = () => 52; // ENOSYS: nothing is read or written
    const host = { fd_close: refuse, fd_seek: refuse, fd_write: refuse };
    const { exports } = new engine.Instance(compiled, { env: { memory: this.memory }, wasi_snapshot_preview1: host });
    this.call = exports as unknown as Exports;
    this.bytes = new Uint8Array(this.memory.buffer);
    this.numbers = new Float64Array(this.memory.buffer);
    if (typeof this.call.version !== "function") throw differs("of another make");
    this.call._initialize();
    const version = this.text(this.call.version());
    if (version !== `${moduleVersion} ${border}`) throw differs(version);
    const lines = this.text(this.call.describe()).trimEnd().split("\n");
    this.rows = lines.map((line): TableRow => {
      const [name, dtype, signature] = line.split(" ") as [string, string, string];
      return { name, dtype, signature };
    });
  }

  /** Index of the module's row for this contract, or why there is none; looked for once. */
  row(contract: Contract, real: Real): number | string {
    let row = this.found[real].get(contract);
    if (row !== undefined) return row;
    row = matchingRow(this.rows, "the module", contract, real);
    if (typeof row === "number") {
      const layout = argumentsOf(contract).layout();
      const address = this.take(layout.byteLength);
      this.f64().set(layout, address / 8);
      if (!this.call.declare(row, address, layout.length)) row = `the module does not take the layout of ${contract.name}`;
    }
    this.found[real].set(contract, row);
    return row;
  }

  /** Address of memory for one execution, which the next call of `take` gives away again; 0 where there is no more. */
  take(bytes: number): number {
    return bytes < mostBytes ? this.call.take(bytes) >>> 0 : 0;
  }

  /** All memory; it moves when it grows, so that nobody keeps it beyond the next call into the module. */
  u8(): Uint8Array {
    if (this.bytes.buffer !== this.memory.buffer) this.bytes = new Uint8Array(this.memory.buffer);
    return this.bytes;
  }
  f64(): Float64Array {
    if (this.numbers.buffer !== this.memory.buffer) this.numbers = new Float64Array(this.memory.buffer);
    return this.numbers;
  }

  /** What was wrong with what was bound last. */
  failure(): Error {
    const text = this.text(this.call.failure());
    const [, code, message] = /^(E_\w+) (.*)$/.exec(text) ?? [];
    return Object.assign(new TypeError(message ?? text), code && { code });
  }

  private text(address: number): string {
    const bytes = this.u8();
    return new TextDecoder().decode(bytes.slice(address, bytes.indexOf(0, address)));
  }
}

function differs(version: string): TickforgeError {
  return new TickforgeError("E_WASM_VERSION", `WebAssembly: the module is ${version}, this JavaScript is tickforge ${moduleVersion}`, {
    hint: "serve the modules that came with this package, and none that were kept from before",
  });
}
