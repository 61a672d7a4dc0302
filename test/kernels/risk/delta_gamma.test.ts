/** Smoothed Sobol' points against plain Monte Carlo on a book of 100 assets, both measured against an inversion of the characteristic function. */
import { describe, expect, it } from "vitest";
import { deltaGammaRisk, eigenSymmetric, sobolDirections, sobolPoints } from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";

const assets = 100;
const random = seeded(17);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Three factors, daily volatilities of 1 to 3 %, options sold on most assets: the deviation of second order is 0.48 of that of first. */
function makeBook() {
  const loadings = Float64Array.from({ length: assets * 3 }, (_, k) => (k % 3 === 0 ? 0.01 : 0.004 * normal()));
  const covariance = Float64Array.from({ length: assets * assets }, (_, k) => {
    const [i, j] = [Math.floor(k / assets), k % assets];
    let sum = i === j ? (0.005 + 0.02 * random()) ** 2 : 0;
    for (let f = 0; f < 3; f++) sum += loadings[3 * i + f]! * loadings[3 * j + f]!;
    return sum;
  });
  const delta = Float64Array.from({ length: assets }, () => 1 + normal());
  const gamma = new Float64Array(assets * assets);
  for (let i = 0; i < assets; i++) gamma[i * assets + i] = -120 * random() + 36 * normal();
  return { delta, gamma, covariance };
}

const book = makeBook();

/** Value = sum of b z + l z^2 / 2 in the coordinates of the whole gamma. */
function diagonal() {
  const { values, vectors } = eigenSymmetric({ matrix: book.covariance }, { assets });
  const root = (i: number, k: number) => vectors[i * assets + k]! * Math.sqrt(values[k]!);
  const bent = new Float64Array(assets * assets);
  const first = new Float64Array(assets);
  for (let k = 0; k < assets; k++)
    for (let i = 0; i < assets; i++) {
      first[k]! += root(i, k) * book.delta[i]!;
      for (let m = 0; m <= k; m++) bent[k * assets + m]! += root(i, k) * book.gamma[i * assets + i]! * root(i, m);
    }
  const turned = eigenSymmetric({ matrix: bent }, { assets });
  const b = Float64Array.from({ length: assets }, (_, c) => first.reduce((sum, x, k) => sum + x * turned.vectors[k * assets + c]!, 0));
  return { b, l: turned.values };
}

/** VaR by Imhof (1961): the distribution function as an integral, by the midpoint rule, which converges geometrically here. */
function exactVar(alpha: number): number {
  const { b, l } = diagonal();
  const sigma = Math.sqrt(b.reduce((sum, x, i) => sum + x * x + 0.5 * l[i]! ** 2, 0));
  const step = 0.02 / sigma;
  const terms = Array.from({ length: 1_000 }, (_, k) => {
    const u = (k + 0.5) * step;
    let [size, angle] = [0, 0];
    for (let i = 0; i < assets; i++) {
      const bend = 1 + (u * l[i]!) ** 2;
      size -= 0.25 * Math.log(bend) + (0.5 * (u * b[i]!) ** 2) / bend;
      angle += 0.5 * Math.atan(u * l[i]!) - (0.5 * l[i]! * u ** 3 * b[i]! ** 2) / bend;
    }
    return { u, size: Math.exp(size), angle };
  });
  const below = (x: number) =>
    0.5 - terms.reduce((sum, { u, size, angle }) => sum + (size * Math.sin(angle - u * x)) / u, 0) * (step / Math.PI);
  let [low, high] = [-20 * sigma, 0];
  for (let i = 0; i < 80; i++) {
    const middle = 0.5 * (low + high);
    if (below(middle) < alpha) low = middle;
    else high = middle;
  }
  return -low;
}

const rootMeanSquare = (x: readonly number[]) => Math.sqrt(x.reduce((sum, e) => sum + e * e, 0) / x.length);

describe("a book of 100 assets", () => {
  const options = { assets, confidence: 0.99 } as const;
  const want = exactVar(0.01);
  const directions = sobolDirections(assets - 1);
  const errors = (method: "sobol" | "monte_carlo", paths: number, seeds: number) =>
    Array.from(
      { length: seeds },
      (_, i) => deltaGammaRisk({ ...book, directions }, { ...options, paths, method, seed: i + 1 }).var[0]! / want - 1,
    );
  const smooth = [2_048, 4_096, 8_192, 16_384, 32_768].map((paths) => ({ paths, error: rootMeanSquare(errors("sobol", paths, 24)) }));
  const plain = rootMeanSquare(errors("monte_carlo", 16_384, 60));

  it("at 16,384 points the error is at most a fiftieth of that of as many plain paths", () => {
    const found = smooth.find(({ paths }) => paths === 16_384)!.error;
    console.info(
      `relative errors of the VaR: plain ${plain.toExponential(2)}, smoothed ${found.toExponential(2)}: 1 / ${(plain / found).toFixed(0)}`,
    );
    expect(plain).toBeGreaterThan(5e-3);
    expect(found).toBeLessThan(plain / 50);
  });

  it("falls faster than plain Monte Carlo's with the number of points", () => {
    const x = smooth.map(({ paths }) => Math.log(paths));
    const y = smooth.map(({ error }) => Math.log(error));
    const mean = (all: number[]) => all.reduce((sum, one) => sum + one, 0) / all.length;
    const slope =
      x.reduce((sum, one, i) => sum + (one - mean(x)) * (y[i]! - mean(y)), 0) / x.reduce((sum, one) => sum + (one - mean(x)) ** 2, 0);
    console.info(`slope ${slope.toFixed(2)}`);
    expect(slope).toBeLessThan(-0.65);
  });

  it("standard errors tell how far results are off", () => {
    const scores = Array.from({ length: 40 }, (_, i) => {
      const found = deltaGammaRisk({ ...book, directions }, { ...options, paths: 4_096, seed: 100 + i });
      return (found.var[0]! - want) / found.varError[0]!;
    });
    // Student's t with 7 degrees of freedom has a root mean square of 1.18.
    expect(rootMeanSquare(scores)).toBeGreaterThan(0.8);
    expect(rootMeanSquare(scores)).toBeLessThan(1.7);
  });

  it("is the same to the bit for every number of threads", () => {
    for (const method of ["sobol", "monte_carlo"] as const) {
      const of = (threads: number) => deltaGammaRisk({ ...book, directions }, { ...options, method, paths: 4_096, seed: 3, threads });
      expect(of(3)).toEqual(of(1));
    }
  });
});

describe("scrambled points", () => {
  const points = 1_024;
  const of = (stream: number) => sobolPoints({ directions: sobolDirections(8) }, { points, seed: 5, stream }).points;

  it("keep what makes Sobol' points even: one in every 1024th of each axis, and in every box of volume 1/1024 of the first two", () => {
    const all = of(1);
    for (let d = 0; d < 8; d++) {
      const cells = new Set(Array.from({ length: points }, (_, i) => Math.floor(all[8 * i + d]! * points)));
      expect(cells.size).toBe(points);
    }
    for (let share = 0; share <= 10; share++) {
      const boxes = new Set(
        Array.from(
          { length: points },
          (_, i) => Math.floor(all[8 * i]! * 2 ** share) * 2 ** (10 - share) + Math.floor(all[8 * i + 1]! * 2 ** (10 - share)),
        ),
      );
      expect(boxes.size).toBe(points);
    }
  });

  it("are uniform over scramblings, and those are independent", () => {
    const firsts = Array.from({ length: 2_000 }, (_, stream) => of(stream).slice(0, 1)[0]!);
    const mean = firsts.reduce((sum, x) => sum + x, 0) / firsts.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 / Math.sqrt(12 * firsts.length));
    const product = firsts.reduce((sum, x, i) => sum + (x - 0.5) * (firsts[(i + 1) % firsts.length]! - 0.5), 0) / firsts.length;
    expect(Math.abs(product)).toBeLessThan(4 / (12 * Math.sqrt(firsts.length)));
  });
});

describe("what is refused", () => {
  const two = { delta: Float64Array.of(1, 2), gamma: new Float64Array(4), covariance: Float64Array.of(1, 0, 0, 1) };
  const options = { assets: 2, confidence: 0.99, seed: 1 };
  const refused = (run: () => unknown, fields: object) => expect(run).toThrow(expect.objectContaining(fields));
  it("is named", () => {
    refused(() => deltaGammaRisk(two, options), { code: "E_OPTIONS", message: expect.stringMatching(/give sobolDirections/) });
    const directions = sobolDirections(1);
    refused(() => deltaGammaRisk({ ...two, directions }, { ...options, paths: 1_000 }), { message: expect.stringMatching(/power of two/) });
    refused(() => sobolDirections(257), { code: "E_OPTION_RANGE" });
    for (const backend of ["reference", "native"])
      refused(() => deltaGammaRisk({ ...two, directions, covariance: Float64Array.of(1, 1, 1, 1) }, options, { backend }), {
        code: "E_NOT_POSITIVE_DEFINITE",
        port: "covariance",
        row: 1,
        column: 1,
      });
  });
});
