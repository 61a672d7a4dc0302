/** Matrices of returns and of covariances: what holds for every size, and how bad input is answered. */
import { describe, expect, it } from "vitest";
import {
  cholesky,
  correlation,
  eigenSymmetric,
  ewmaCovariance,
  KernelError,
  ledoitWolf,
  nearestPositiveDefinite,
  neweyWest,
  sampleCovariance,
} from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";

/** A symmetric matrix with eigenvalues of both signs, and one whose values come in equal pairs. */
function symmetric(n: number): Float64Array {
  const random = seeded(5);
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = random() - 0.45;
  return a;
}
const paired = (n: number) =>
  Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 2 : Math.floor(k / n) + (k % n) === n - 1 ? 1 : 0));

const product = (a: Float64Array, b: Float64Array, n: number, turned = false) =>
  Float64Array.from({ length: n * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    let sum = 0;
    for (let r = 0; r < n; r++) sum += a[i * n + r]! * (turned ? b[j * n + r]! : b[r * n + j]!);
    return sum;
  });
const distance = (a: Float64Array, b: Float64Array) => Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));
const identity = (n: number) => Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0));

describe("eigenvalues", () => {
  for (const n of [2, 31, 150])
    for (const [what, a] of [
      ["of both signs", symmetric(n)],
      ["in equal pairs", paired(n)],
      ["of a multiple of the identity", identity(n).map((x) => 3e-200 * x)],
    ] as const)
      it(`${what}, ${n} assets: A V = V diag(values), V V' = I, values ascend`, () => {
        const { values, vectors } = eigenSymmetric({ matrix: a }, { assets: n }, { backend: "native" });
        const scaled = vectors.map((x, k) => x * values[k % n]!);
        const size = Math.max(...values.map(Math.abs));
        expect(distance(product(a, vectors, n), scaled) / size).toBeLessThan(1e-13 * n);
        expect(distance(product(vectors, vectors, n, true), identity(n))).toBeLessThan(1e-13 * n);
        expect(values).toEqual(values.slice().sort());
      });
});

describe("factors", () => {
  it("L L' = A for 150 assets, and singular matrices are told from regular ones", () => {
    const n = 150;
    const root = symmetric(n);
    const a = product(root, root, n, true);
    const { lower, failed } = cholesky({ matrix: a }, { assets: n }, { backend: "native" });
    expect(failed[0]).toBe(-1);
    expect(distance(product(lower, lower, n, true), a)).toBeLessThan(1e-12);
    for (let k = 0; k < n; k++) a[99 * n + k] = a[k * n + 99] = a[98 * n + k]!;
    a[99 * n + 99] = a[98 * n + 98]!;
    for (const backend of ["native", "reference"]) {
      const again = cholesky({ matrix: a }, { assets: n }, { backend });
      expect(again.failed[0]).toBe(99);
      expect(again.lower.every(Number.isNaN)).toBe(true);
    }
  });

  it("the nearest positive definite matrix keeps its diagonal, has a factor, and no other of this kind is nearer", () => {
    const n = 20;
    const a = symmetric(n).map((x, k) => (k % (n + 1) === 0 ? 1 : 1.8 * x));
    expect(cholesky({ matrix: a }, { assets: n }).failed[0]).toBeGreaterThan(0);
    const { nearest, iterations } = nearestPositiveDefinite({ matrix: a }, { assets: n });
    expect(iterations[0]).toBeLessThan(1_000);
    expect(cholesky({ matrix: nearest }, { assets: n }).failed[0]).toBe(-1);
    for (let i = 0; i < n; i++) expect(nearest[i * n + i]).toBe(1);
    // The simple way, eigenvalues raised and the diagonal set again, is farther.
    const { values, vectors } = eigenSymmetric({ matrix: a }, { assets: n });
    const raised = product(
      vectors.map((x, k) => x * Math.max(values[k % n]!, 0)),
      vectors,
      n,
      true,
    );
    const simple = raised.map((x, k) => x / Math.sqrt(raised[Math.floor(k / n) * (n + 1)]! * raised[(k % n) * (n + 1)]!));
    const squared = (b: Float64Array) => b.reduce((sum, x, k) => sum + (x - a[k]!) ** 2, 0);
    expect(squared(nearest)).toBeLessThan(squared(simple));
  });
});

describe("bad input", () => {
  const returns = Float64Array.of(0.01, 0.02, -0.01, 0.02, 0.03, 0.02);
  const code = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      if (error instanceof KernelError) return error;
      throw error;
    }
    return undefined;
  };

  for (const backend of ["native", "reference"]) {
    it(`${backend}: a constant column has variance 0 exactly and no correlation`, () => {
      const { covariance } = sampleCovariance({ returns }, { assets: 2 }, { backend });
      expect([covariance[1], covariance[2], covariance[3]]).toEqual([0, 0, 0]);
      expect(correlation({ returns }, { assets: 2 }, { backend }).correlation).toEqual(
        Float64Array.of(1, Number.NaN, Number.NaN, Number.NaN),
      );
      expect(ledoitWolf({ returns }, { assets: 2 }, { backend }).covariance.every(Number.isFinite)).toBe(true);
    });

    it(`${backend}: a missing return is named by row and column`, () => {
      const holes = Float64Array.of(0.01, 0.02, -0.01, Number.NaN);
      expect(code(() => sampleCovariance({ returns: holes }, { assets: 2 }, { backend }))).toMatchObject({
        code: "E_BAD_VALUE",
        row: 1,
        column: 1,
      });
      expect(code(() => cholesky({ matrix: holes }, { assets: 2 }, { backend }))).toMatchObject({ code: "E_BAD_VALUE", port: "matrix" });
    });
  }

  it("too few rows, lags without rows, and both or none of decay and half-life are refused", () => {
    expect(code(() => sampleCovariance({ returns: returns.slice(0, 2) }, { assets: 2 }))).toMatchObject({ code: "E_TOO_FEW", value: 1 });
    expect(code(() => neweyWest({ returns }, { assets: 2, lags: 3 }))).toMatchObject({ code: "E_TOO_FEW" });
    expect(code(() => ewmaCovariance({ returns }, { assets: 2 }))).toMatchObject({ code: "E_OPTIONS" });
    expect(code(() => ewmaCovariance({ returns }, { assets: 2, decay: 0.9, halfLife: 3 }))).toMatchObject({ code: "E_OPTIONS" });
    expect(code(() => ewmaCovariance({ returns }, { assets: 2, batch: 2, decay: 0.9 }))).toMatchObject({ code: "E_LENGTH" });
  });

  it("push() says that rows of a matrix come in batches", () => {
    const stream = ewmaCovariance.stream({ assets: 2, decay: 0.94 });
    expect(code(() => stream.push(0.01))).toMatchObject({ code: "E_STREAM", hint: "use pushBatch with whole rows" });
    stream.pushBatch({ returns });
    expect(stream.poll()).toBe(3);
    expect(stream.results.covariance.length).toBe(12);
  });
});
