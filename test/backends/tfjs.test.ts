/** Tensor forms against the reference, in f32, on the backends of TensorFlow.js that are installed. */
import { beforeAll, describe, expect, it } from "vitest";

import { type TfjsBackend, tensorKernels, tensorTolerance } from "../../src/backends/tfjs.js";
import { worstOf } from "../../src/core/contract/compare.js";
import { exp, sampleCovariance, useTfjs, vpin } from "../../src/index.js";
import { type Arrays, inputsOf, kernels, labelOf, optionsOf } from "../support/kernels.js";

const withForm = kernels.filter((k) => tensorKernels().includes(k.contract.name));
const columns = Float32Array.of(1, 2, 3, 4);

describe("before useTfjs", () => {
  it("says what to do, and what has no tensor form", () => {
    expect(() => exp({ x: columns }, {}, { backend: "tfjs" })).toThrow(
      expect.objectContaining({ code: "E_BACKEND_MISSING", message: expect.stringContaining("await useTfjs() first") }),
    );
    const trades = { time: BigInt64Array.of(1n), price: Float32Array.of(1), size: Float32Array.of(1), side: Int8Array.of(1) };
    expect(() => vpin(trades, { bucketVolume: 1 }, { backend: "tfjs" })).toThrow(/vpin has no tensor form; these have: exp, /);
  });

  it("names a package that is not there, or a backend that does not exist", async () => {
    await expect(useTfjs("node")).rejects.toThrow(
      expect.objectContaining({ code: "E_PACKAGE_MISSING", hint: expect.stringContaining("npm install") }),
    );
    await expect(useTfjs("gpu" as TfjsBackend)).rejects.toThrow(/a backend called 'gpu'/);
  });
});

for (const backend of ["cpu", "wasm"] as const)
  describe(`tensor forms on ${backend}`, () => {
    beforeAll(async () => {
      expect(await useTfjs(backend)).toBe(backend);
    });

    it("are never chosen without being named", () => {
      const { y } = exp({ x: Float32Array.of(0.1) });
      expect(y).toEqual(exp({ x: Float32Array.of(0.1) }, {}, { backend: "native" }).y);
    });

    it("take f32 alone, and refuse values as every backend does", () => {
      expect(() => exp({ x: Float64Array.of(1) }, {}, { backend: "tfjs" })).toThrow(/computes in f32: give Float32Array columns/);
      expect(() => sampleCovariance({ returns: Float32Array.of(1, 2, 3, Number.NaN) }, { assets: 2 }, { backend: "tfjs" })).toThrow(
        expect.objectContaining({ code: "E_BAD_VALUE", row: 1, column: 1 }),
      );
    });

    for (const kernel of withForm)
      for (const one of kernel.contract.parity)
        it(`${kernel.contract.name} ${labelOf(one)}`, () => {
          const { contract } = kernel;
          const inputs = inputsOf(contract, one, "f32");
          const run = (on: string) => kernel(inputs, optionsOf(contract, one), { backend: on }) as Arrays;
          const [got, want] = [run("tfjs"), run("reference")];
          const tolerance = tensorTolerance(contract.name);
          const found = worstOf(contract, "f32", got, want, tolerance);
          expect(found.ratio, JSON.stringify(found)).toBeLessThanOrEqual(1);
          if (Object.values(want).every((view) => view.length < 3)) return;
          for (const wrong of [() => 0, (_: number, i: number, all: any) => all[Math.max(0, i - 1)]]) {
            const changed = Object.fromEntries(Object.entries(want).map(([key, view]) => [key, (view as Float64Array).map(wrong)]));
            expect(worstOf(contract, "f32", changed, want, tolerance).ratio).toBeGreaterThan(1);
          }
        });
  });
