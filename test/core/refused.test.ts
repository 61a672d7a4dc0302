/** A batch that is refused leaves its stream untouched, or `accepted` says how far it was taken: every kernel, input, place and bad value. */
import { describe, expect, it } from "vitest";
import type { Case, Contract, View } from "../../src/core/contract/contract.js";
import { type TickforgeError, tickRule, vpin } from "../../src/index.js";
import { type AnyKernel, type Arrays, inputsOf, kernels, labelOf, optionsOf, rowCount, rowsOf, streamable } from "../support/kernels.js";

const numbersOf = (view: View) => (view instanceof Float64Array ? [Number.NaN, Number.POSITIVE_INFINITY, -1, 1e300] : [-1, 2]);
/** A time that falls, and one that makes the next one fall. */
const timesOf = (view: BigInt64Array) => [0n, view.at(-1)! + 1n];

/** The case with the fewest rows of which three make a batch; none for a kernel whose rows are text. */
function smallest(contract: Contract): Case | undefined {
  const rows = ({ dims }: Case) => dims[contract.rows]!;
  return contract.parity
    .filter((one) => rows(one) >= 5 && rows(one) < 1_100 && streamable(contract, optionsOf(contract, one)))
    .sort((a, b) => rows(a) - rows(b))[0];
}

/** The batch with one value altered, at the first, a middle and the last place of each input. */
function* altered(batch: Arrays): Generator<{ what: string; bad: Arrays }> {
  for (const [key, view] of Object.entries(batch))
    for (const at of new Set([0, Math.floor(view.length / 2), view.length - 1]))
      for (const value of view.length === 0 ? [] : view instanceof BigInt64Array ? timesOf(view) : numbersOf(view)) {
        const changed = view.slice() as View;
        changed[at] = value as never;
        yield { what: `${key}[${at}] = ${value}`, bad: { ...batch, [key]: changed } };
      }
}

/** What a stream shows of itself. */
const shown = (stream: any) => {
  const rows = stream.poll();
  const { results, last, accepted } = stream;
  return { rows, results: Object.fromEntries(Object.entries(results as Arrays).map(([key, view]) => [key, view.slice()])), last, accepted };
};

describe("a batch that is refused", () => {
  for (const kernel of kernels as readonly AnyKernel[]) {
    const { contract } = kernel;
    const one = smallest(contract);
    if (!one) continue;
    const options = optionsOf(contract, one);
    const inputs = inputsOf(contract, one, "f64");
    const rows = Math.min(rowCount(contract, inputs, options), 12);
    const begun = Math.floor(rows / 3);
    const batch = rowsOf(contract, inputs, begun, rows, options);
    for (const backend of ["native", "reference"])
      it(`${contract.name} ${labelOf(one)} on ${backend}`, () => {
        const begin = () => {
          const stream = kernel.stream(options as never, { backend } as never) as any;
          stream.pushBatch(rowsOf(contract, inputs, 0, begun, options));
          return stream;
        };
        for (const { what, bad } of altered(batch)) {
          const tried = begin();
          let error: TickforgeError | undefined;
          try {
            tried.pushBatch(bad);
          } catch (thrown) {
            error = thrown as TickforgeError;
          }
          if (!error) continue;
          expect(error.code, `${what}: ${error.stack}`).toMatch(/^E_/);
          const far = begun + (tried.accepted - begun);
          const never = begin();
          if (far > begun) never.pushBatch(rowsOf(contract, inputs, begun, far, options));
          for (const stream of [tried, never]) stream.pushBatch(rowsOf(contract, inputs, far, rows, options));
          expect(shown(tried), what).toEqual(shown(never));
          expect(Buffer.compare(tried.snapshot(), never.snapshot()), `${what}: the state`).toBe(0);
        }
      });
  }

  it("fixes nothing about a stream that has taken no row: neither its columns nor its dtype", () => {
    for (const backend of ["native", "reference"]) {
      const trades = { time: BigInt64Array.of(1n), price: Float64Array.of(10), size: Float64Array.of(8) };
      const bad = { ...trades, price: Float64Array.of(Number.NaN), buyFraction: Float64Array.of(0.5) };
      const live = vpin.stream({ bucketVolume: 10, window: 1 }, { backend });
      expect(() => live.pushBatch(bad)).toThrow(expect.objectContaining({ code: "E_BAD_VALUE" }));
      live.pushBatch({ ...trades, side: Int8Array.of(1) });
      expect(live.accepted).toBe(1);

      const rule = tickRule.stream({}, { backend });
      expect(() => rule.pushBatch({ price: Float32Array.of(-1) })).toThrow(expect.objectContaining({ code: "E_BAD_VALUE" }));
      rule.pushBatch({ price: Float64Array.of(1, 2) });
      expect([...(rule.poll() === 2 ? rule.results.side : [])]).toEqual([0, 1]);
    }
  });

  it("pushed as a row fixes nothing either, and is counted", () => {
    const live = vpin.stream({ bucketVolume: 10, window: 1 });
    live.push(1, Number.NaN, 8, 1);
    expect(() => live.poll()).toThrow(expect.objectContaining({ code: "E_BAD_VALUE" }));
    expect(() => live.push(1, 10, "8" as never, 1)).toThrow(expect.objectContaining({ code: "E_DTYPE", port: "size" }));
    expect([live.accepted, live.rejected]).toEqual([0, 2]);
    const share = { buyFraction: Float64Array.of(0.5) };
    live.pushBatch({ time: BigInt64Array.of(1n), price: Float64Array.of(10), size: Float64Array.of(8), ...share });
    expect([live.accepted, live.rejected]).toEqual([1, 2]);
  });
});
