/** Turns a contract into a function with its ways to be called: call, async, bind, stream. */

import { type Columns, checkOptions } from "../contract/check.js";
import type { Contract, GivenOutputs, Inputs, Options, Outputs, Params, Ports, RealView } from "../contract/contract.js";
import { stateBytes } from "../state/state.js";
import { type BindArrays, type BoundKernel, bind } from "./bind.js";
import { call, callAsync } from "./call.js";
import type { AsyncHow, How, StreamHow } from "./how.js";
import { Stream } from "./stream.js";

type ResultReal<R extends RealView> = RealView extends R ? Float64Array : R;
/** What a kernel returns: its outputs, as long as there were rows to write. */
export type Results<O extends Ports, R extends RealView> = Outputs<O, ResultReal<R>>;

/** A contract that can be called. `Row`: what push() takes, under the names of the inputs where the declarations of the package say them. */
export interface Kernel<I extends Ports, P extends Params, S extends Ports, O extends Ports, Row extends AnyRow = AnyRow> {
  <R extends RealView = Float64Array>(inputs: Inputs<I, R>, ...rest: Rest<P, How & { out?: GivenOutputs<O, R> }>): Results<O, R>;
  readonly contract: Contract<I, P, S, O>;
  /** The same off the main thread; inputs are copied first. Rejects with the signal's reason as soon as it is aborted, with no outputs. */
  async<R extends RealView = Float64Array>(inputs: Inputs<I, R>, ...rest: Rest<P, AsyncHow>): Promise<Results<O, R>>;
  /** Checks once; hot loops call the result. One slot, or an array of them (the slots of a ring). */
  bind<R extends RealView = Float64Array>(
    arrays: {
      in: Inputs<I, R> | readonly Inputs<I, R>[];
      out: GivenOutputs<O, R> | readonly GivenOutputs<O, R>[];
      state?: BindArrays["state"];
    },
    ...rest: Rest<P, How>
  ): BoundKernel;
  /** The same kernel with its state kept: push rows or batches, poll results. */
  stream(...rest: Rest<P, StreamHow>): KernelStream<I, O, Row>;
  /** Continues a stream from its snapshot. */
  restore(saved: Uint8Array, how?: StreamHow): KernelStream<I, O, Row>;
  /** Bytes of a state block for these options. */
  stateBytes(...rest: {} extends Options<P> ? [options?: Options<P>] : [options: Options<P>]): number;
}
type AnyRow = Parameters<Stream["push"]>;
/** A stream with the columns of its kernel. */
export interface KernelStream<I extends Ports, O extends Ports, Row extends AnyRow = AnyRow>
  extends Omit<Stream, "push" | "pushBatch" | "peek" | "results" | "last"> {
  /** One row, values in the order of the kernel's inputs; times as bigint ns or number of epoch ms. Computes when the stage is full. */
  push(...row: Row): void;
  pushBatch(inputs: Inputs<I>): void;
  /** What `last` would be if this row came now; the stream stays as it is. */
  peek(...row: Row): LastRow<O>;
  readonly results: Outputs<O>;
  readonly last: LastRow<O>;
}
type LastRow<O extends Ports> = { readonly [K in keyof O]: O[K]["dtype"] extends "i64" ? bigint : number };
export type Rest<P extends Params, H> = {} extends Options<P> ? [options?: Options<P>, how?: H] : [options: Options<P>, how?: H];

/** Declares a kernel, with full inference of its ports and options, and makes it callable. */
export function kernel<const I extends Ports, const P extends Params, const O extends Ports, const S extends Ports = {}>(
  of: Contract<I, P, S, O>,
): Kernel<I, P, S, O> {
  const methods = {
    contract: of,
    async: (inputs: Columns, options?: object, how?: AsyncHow) => callAsync(of, inputs, options, how),
    bind: (arrays: BindArrays, options?: object, how?: How) => bind(of, arrays, options, how),
    stream: (options?: object, how?: StreamHow) => new Stream(of, options, how),
    restore: (saved: Uint8Array, how?: StreamHow) => Stream.restore(of, saved, how),
    stateBytes: (options?: object) => {
      const params = checkOptions(of.name, of.params, options);
      return of.state ? stateBytes(of, params) : 0;
    },
  };
  const run = (inputs: Columns, options?: object, how?: How & { out?: Columns }) => call(of, inputs, options, how);
  Object.defineProperty(run, "name", { value: of.name });
  return Object.assign(run, methods) as unknown as Kernel<I, P, S, O>;
}
