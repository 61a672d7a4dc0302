/** Stream equals batch for every split; a state saved, restored, shared and handed to the other backend changes nothing. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";

import { worstOf } from "../../src/core/contract/compare.js";
import { type Case, followsReal, ports, viewOf } from "../../src/core/contract/contract.js";
import "../../src/index.js";
import {
  type AnyKernel,
  type Arrays,
  dtypeOfView,
  inputsOf,
  kernels,
  labelOf,
  optionsOf,
  referenceOnTrial,
  rowCount,
  rowsOf,
  streamable,
} from "../support/kernels.js";

/**
 * Splits tried of each property: fewer where another build of the same source has tried them, fewer yet under a sanitizer, where all is slow,
 * all of them under TICKFORGE_DEEP, but never none. Native streams are held against one native call, which the parity suite compares with the reference.
 */
const most = Number(process.env.TICKFORGE_PROPERTY_RUNS ?? Number.POSITIVE_INFINITY);
const share = process.env.TICKFORGE_DEEP !== undefined ? 1 : referenceOnTrial ? 0.4 : 0.2;
/** Cases whose splits took most of the time: of many rows, or of a search for every row. Theirs are fewer where not all are tried. */
const long = ({ contract }: AnyKernel, one: Case) => (one.dims[contract.rows] ?? 0) >= 5000 || contract.name === "ivpin";
const shareOf = (kernel: AnyKernel, one: Case) => (share < 1 && long(kernel, one) ? 0.4 * share : share);
const runsOf = (of: number) => (usual: number) => ({ numRuns: Math.max(1, Math.min(Math.ceil(of * usual), most)) });
const backends = referenceOnTrial ? ["native", "reference"] : ["native"];

/** All output of a stream that is fed with the pieces between `cuts`; `next` may replace the stream between two pieces. */
function collect(
  kernel: AnyKernel,
  inputs: Arrays,
  options: object,
  cuts: readonly number[],
  first: any,
  next: (stream: any, piece: number) => any,
): Arrays {
  const { contract } = kernel;
  const parts: Arrays[] = [];
  let stream = first;
  const rows = rowCount(contract, inputs, options);
  const edges = [0, ...[...cuts].sort((a, b) => a - b), rows];
  for (let i = 1; i < edges.length; i++) {
    stream.pushBatch(rowsOf(contract, inputs, edges[i - 1]!, edges[i]!, options));
    stream.poll();
    parts.push(Object.fromEntries(Object.entries(stream.results as Arrays).map(([key, view]) => [key, view.slice()])) as Arrays);
    stream = next(stream, i);
  }
  return join(parts);
}

/** A row out of its order: bytes of a file mean nothing then, and the kernel may say so. */
function foreign(peek: () => void): void {
  try {
    peek();
  } catch (error) {
    if ((error as { code?: string }).code !== "E_STUCK") throw error;
  }
}

function join(parts: Arrays[]): Arrays {
  return Object.fromEntries(
    Object.keys(parts[0]!).map((key) => {
      const views = parts.map((part) => part[key]!);
      const whole = new (viewOf(dtypeOfView(views[0]!)))(views.reduce((n, v) => n + v.length, 0));
      let at = 0;
      for (const view of views) {
        (whole as Float64Array).set(view as Float64Array, at);
        at += view.length;
      }
      return [key, whole];
    }),
  );
}

for (const kernel of kernels.filter((k) => k.contract.state))
  for (const one of kernel.contract.parity.filter((c) => streamable(kernel.contract, optionsOf(kernel.contract, c))))
    for (const real of followsReal(kernel.contract) ? (["f64", "f32"] as const) : (["f64"] as const)) {
      const { contract } = kernel;
      const runs = runsOf(shareOf(kernel, one));
      const options = optionsOf(contract, one);
      const rows = one.dims[contract.rows]!;
      const cuts = fc.array(fc.integer({ min: 0, max: rows }), { maxLength: 12 });
      let inputs: Arrays;
      let want: Arrays;
      const check = (got: Arrays): void => {
        const worst = worstOf(contract, real, got, want);
        if (worst.ratio > 1) expect.fail(JSON.stringify(worst, (_, v) => (typeof v === "bigint" ? String(v) : v)));
      };
      const make = (backend: string, more = {}) => kernel.stream(options as never, { backend, real, ...more } as never);

      describe(`${contract.name} ${real} ${labelOf(one)}`, () => {
        beforeAll(() => {
          inputs = inputsOf(contract, one, real);
          want = kernel(inputs, options, { backend: backends.at(-1)! }) as Arrays;
        });

        for (const backend of backends)
          it(`${backend}: stream equals batch for every split`, () => {
            const property = fc.property(cuts, (at) => check(collect(kernel, inputs, options, at, make(backend), (s) => s)));
            fc.assert(property, runs(backend === "native" ? 25 : 5));
          });

        it("a stream saved and restored goes on, and the backends continue each other's states", () => {
          const other = (piece: number) => backends[piece % backends.length]!;
          const hop = (s: { snapshot(): Uint8Array }, piece: number) => kernel.restore(s.snapshot(), { backend: other(piece) });
          fc.assert(
            fc.property(cuts, (at) => check(collect(kernel, inputs, options, at, make("native"), hop))),
            runs(10),
          );
        });

        /** The inputs that push() takes, and those given once; undefined where one in the middle is left out or wider than a value: pushBatch takes these. */
        const pushed = () => {
          const rowPorts = ports(contract.inputs).filter(([, p]) => p.shape[0] === contract.rows);
          const used = rowPorts.slice(0, rowPorts.findLastIndex(([key]) => inputs[key]) + 1).map(([key]) => key);
          const fixed = Object.fromEntries(Object.entries(inputs).filter(([key]) => contract.inputs[key].shape[0] !== contract.rows));
          const row = (i: number) => used.map((key) => inputs[key]![i]);
          return used.every((key) => inputs[key] && contract.inputs[key].shape.length === 1) ? { fixed, row } : undefined;
        };
        const byPosition = "push() takes single values by position: a column left out in the middle, or a matrix, needs pushBatch";

        it("peek tells what a row would give, and changes nothing", (context) => {
          const form = pushed() ?? context.skip(byPosition);
          const at = fc.integer({ min: 0, max: Math.max(0, rows - 3) });
          const property = fc.property(at, fc.constantFrom(...backends), (start, backend) => {
            const begun = make("native") as any;
            if (start > 0) begun.pushBatch(rowsOf(contract, inputs, 0, start, options));
            const resume = () => kernel.restore(begun.snapshot(), { backend, real, fixed: form.fixed }) as any;
            const [stream, other] = [resume(), resume()];
            for (let i = start; i < Math.min(rows, start + 3); i++) {
              foreign(() => stream.peek(...form.row(Math.min(i + 1, rows - 1)))); // a row that does not come
              const told = stream.peek(...form.row(i));
              expect(Buffer.compare(stream.snapshot(), other.snapshot()), "the state").toBe(0);
              for (const one of [stream, other]) one.push(...form.row(i));
              if (i === start) continue; // not polled: the next peek finds a row staged
              for (const one of [stream, other]) one.poll();
              expect([stream.last, stream.results, stream.accepted]).toEqual([other.last, other.results, other.accepted]);
              expect(told).toEqual(stream.last);
            }
          });
          fc.assert(property, runs(4));
        });

        it("rows pushed one by one give the same", (context) => {
          const { fixed, row } = pushed() ?? context.skip(byPosition);
          const stream = make("native", { fixed });
          const parts: Arrays[] = [];
          for (let i = 0; i < rows; i++) {
            const [a, b, c, d, e, f, g, h] = row(i);
            stream.push(a, b, c, d, e, f, g, h);
            if (i % 977 === 0 || i === rows - 1) {
              stream.poll();
              parts.push(Object.fromEntries(Object.entries(stream.results as Arrays).map(([key, view]) => [key, view.slice()])) as Arrays);
            }
          }
          if (rows > 0) check(join(parts));
          expect(stream.accepted).toBe(rows);
        });
      });
    }
