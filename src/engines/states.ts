/** The states of several kernels in one block of memory: given again, an engine goes on from there. */
import { checkOptions } from "../core/contract/check.js";
import type { View } from "../core/contract/contract.js";
import { openState } from "../core/state/state.js";
import type { AnyKernel } from "./measure_list.js";

export type StateViews = Readonly<Record<string, View>>;

/** Hands out parts of a block, in the order of asking; without a block it only counts. */
export class States {
  bytes = 0;

  constructor(private readonly block?: ArrayBufferLike) {}

  /** Whether all states lie in one block. */
  get together(): boolean {
    return this.block !== undefined;
  }

  private take(bytes: number): Uint8Array {
    const at = this.bytes;
    this.bytes += Math.ceil(bytes / 64) * 64;
    return this.block ? new Uint8Array(this.block, at, bytes) : new Uint8Array(bytes);
  }

  kernel(of: AnyKernel, options: object): StateViews {
    const params = checkOptions(of.contract.name, of.contract.params, options as Record<string, unknown>);
    return openState(of.contract, params, this.take(of.stateBytes(options)));
  }

  /** Values of any type of an engine's own. */
  view<T>(of: new (buffer: ArrayBufferLike, at: number, length: number) => T, count: number): T {
    const { BYTES_PER_ELEMENT } = of as unknown as { BYTES_PER_ELEMENT: number };
    const { buffer, byteOffset } = this.take(BYTES_PER_ELEMENT * count);
    return new of(buffer, byteOffset, count);
  }

  /** Numbers of an engine's own. */
  numbers(count: number): Float64Array {
    return this.view(Float64Array, count);
  }

  /** Times of an engine's own, in nanoseconds. */
  times(count: number): BigInt64Array {
    return this.view(BigInt64Array, count);
  }
}
