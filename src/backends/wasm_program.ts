/** Runs a kernel of the WebAssembly module on the arrays of a call: what an execution takes of them is copied in, what it wrote is copied out. */
import { at, type Bound, codes, controlSize, type Program } from "../core/backend/backend.js";
import { ports, type View } from "../core/contract/contract.js";
import { KernelError } from "../core/contract/errors.js";
import { argumentsOf } from "./arguments.js";
import { refused } from "./rows.js";
import { engine, type WasmModule } from "./wasm_module.js";

/** Numbers of a part: start, length, mode, stride, address; the same order as in native/wasm/module.cc. */
const partSize = 5;
/** The mode of what results pile up in; the same number as in native/abi/fit.h. */
const piled = 2;
/** Every part begins where a line of the cache does. */
const line = 64;
const lines = (bytes: number): number => Math.ceil(bytes / line) * line;

/** What the module keeps for a program goes when the program does. */
const dropped = new FinalizationRegistry<{ module: WasmModule; held: number }>(({ module, held }) => {
  if (!module.broken) module.call.drop(held);
});

export class WasmProgram implements Program {
  readonly control: Float64Array;
  private readonly descriptor: Float64Array;
  private readonly views: readonly (readonly (View | undefined)[])[];
  private readonly firstState: number;
  private readonly firstOutput: number;
  private readonly scratch: number;
  /** Where the control block says how many rows of each output were written, where these pile up. */
  private readonly counts: readonly number[];
  private module: WasmModule;
  private held = 0;

  /** `current`: the module of this thread, a new one where an execution has broken the last. */
  constructor(
    private readonly bound: Bound,
    private readonly current: () => WasmModule,
  ) {
    const { contract, slots } = bound;
    const them = argumentsOf(contract);
    const { once, ...kept } = bound; // which shares its numbers with the next call
    this.descriptor = them.describe(kept);
    this.control = this.descriptor.subarray(0, controlSize);
    const all = them.views(bound);
    const count = all.length / slots.length;
    this.views = slots.map((_, i) => all.slice(i * count, (i + 1) * count));
    this.firstState = ports(contract.inputs).length + Object.keys(contract.params).length;
    this.firstOutput = count - ports(contract.outputs).length;
    this.scratch = contract.workspace ? this.firstState + ports(contract.state).length : -1;
    this.counts = ports(contract.outputs).map(([, { shape }]) => (shape[0] === contract.produces ? at.produced : at.consumed));
    this.module = current();
    if (once) return;
    this.bind();
    dropped.register(this, { module: this.module, held: this.held }, this);
  }

  run(slot: number): void {
    if (this.module.broken && this.held !== 0) this.renew();
    const once = this.held === 0;
    if (once) {
      this.module = this.current();
      this.bind();
    }
    try {
      this.execute(slot);
    } catch (error) {
      if (!(error instanceof engine.RuntimeError)) throw error;
      this.module.broken = true;
      throw new KernelError("E_WASM_TRAP", `${this.bound.contract.name}: its WebAssembly ended in a trap: ${error.message}`, {
        kernel: this.bound.contract.name,
        hint: "a fault of ours: report it with the arrays of this call; { backend: 'reference' } computes the same",
        cause: error,
      });
    } finally {
      if (once) {
        if (!this.module.broken) this.module.call.drop(this.held);
        this.held = 0;
      }
    }
  }

  /** The instance that it was bound in has ended. */
  private renew(): void {
    dropped.unregister(this);
    this.module = this.current();
    this.held = 0;
    this.bind();
    dropped.register(this, { module: this.module, held: this.held }, this);
  }

  private bind(): void {
    const { module, descriptor, views, bound } = this;
    const state = views[0]!.slice(this.firstState, this.firstState + ports(bound.contract.state).length);
    const row = module.row(bound.contract, bound.real) as number;
    const count = views.length * views[0]!.length;
    const sizes = [descriptor.byteLength, 8 * count, 8 * state.length, ...state.map((view) => view!.byteLength)];
    let next = this.take(sizes.reduce((sum, size) => sum + lines(size), 0));
    const [numbers, lengths, kept, ...places] = sizes.map((size) => {
      const place = next;
      next += lines(size);
      return place;
    }) as [number, number, number, ...number[]];
    const f64 = module.f64();
    f64.set(descriptor, numbers / 8);
    views.flat().forEach((view, i) => {
      f64[lengths / 8 + i] = view?.length ?? -1;
    });
    f64.set(places, kept / 8);
    for (const [i, view] of state.entries()) this.copyIn(view!, places[i]!);
    this.held = module.call.bind(row, numbers, descriptor.length, lengths, kept, views.length) >>> 0;
    if (this.held === 0) throw refused(bound.contract, module.failure());
  }

  private execute(slot: number): void {
    const { module, control, held, scratch, firstState, firstOutput } = this;
    const views = this.views[slot]!;
    const { call } = module;
    const inside = call.control(held) / 8;
    module.f64().set(control, inside);
    if (!call.plan(held, slot)) {
      this.answer(inside);
      return;
    }
    const first = call.parts(held) / 8;
    const f64 = module.f64();
    let bytes = 0;
    for (let i = 0; i < views.length; i++) {
      const part = first + partSize * i;
      const length = f64[part + 1]!;
      f64[part + 4] = bytes;
      if (views[i]) bytes += lines(length * views[i]!.BYTES_PER_ELEMENT);
      else if (i === scratch) bytes += lines(8 * length);
    }
    const base = this.take(bytes + line);
    const numbers = module.f64(); // the memory may have grown
    for (let i = 0; i < views.length; i++) {
      const part = first + partSize * i;
      const address = base + numbers[part + 4]!;
      numbers[part + 4] = address;
      const view = views[i];
      if (view === undefined || numbers[part + 1]! < 0 || (i >= firstOutput && numbers[part + 2] === piled)) continue;
      this.copyIn(cutOf(view, numbers[part]!, numbers[part + 1]!), address);
    }
    call.run(held);
    this.answer(inside);
    const code = control[at.code]!;
    if (code === codes.badRows || code === codes.badState) return;
    const after = module.f64();
    for (let i = firstState; i < views.length; i++) {
      const view = views[i];
      const part = first + partSize * i;
      if (view === undefined || after[part + 1]! < 0) continue;
      const pile = i >= firstOutput && after[part + 2] === piled;
      const written = pile ? control[this.counts[i - firstOutput]!]! * after[part + 3]! : after[part + 1]!;
      this.copyOut(cutOf(view, after[part]!, written), after[part + 4]!);
    }
  }

  private answer(inside: number): void {
    this.control.set(this.module.f64().subarray(inside + at.code, inside + at.done + 1), at.code);
  }

  private take(bytes: number): number {
    const address = this.module.take(bytes);
    if (address !== 0) return address;
    const { name: kernel } = this.bound.contract;
    const mebibytes = (count: number) => Math.ceil(count / 2 ** 20);
    throw new KernelError(
      "E_MEMORY",
      `${kernel}: ${mebibytes(bytes)} MiB of columns do not fit the memory of WebAssembly, ${mebibytes(this.module.most)} MiB at most`,
      { kernel, value: bytes, hint: "give fewer rows at a time; nothing was computed, and a state is as it was" },
    );
  }

  private copyIn(view: View, address: number): void {
    this.module.u8().set(bytesOf(view), address);
  }
  private copyOut(view: View, address: number): void {
    bytesOf(view).set(this.module.u8().subarray(address, address + view.byteLength));
  }
}

const cutOf = (view: View, start: number, length: number): View =>
  start === 0 && length === view.length ? view : view.subarray(start, start + length);
const bytesOf = (view: View): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
