/** What is compared of shaders: functions that they share, and calls of kernels. A ratio up to 1 passes. */

import { metalTolerance } from "../../../src/backends/metal.js";
import { compareView, type Worst, worstOf } from "../../../src/core/contract/compare.js";
import { followsReal, type Golden, ports, viewOf } from "../../../src/core/contract/contract.js";
import { blackScholes, bulkVolumeClassification, optionBookRisk, sobolDirections } from "../../../src/index.js";
import { philox } from "../../../src/kernels/parts/philox.js";
import { seeded, spread } from "../../../src/kernels/parts/sample.js";
import { inside, scrambled, scrambleSeed, sobolBits } from "../../../src/kernels/parts/sobol.js";
import { normalQuantile } from "../../../src/kernels/parts/special.js";
import { type AnyKernel, type Arrays, fenced, inputsOf, labelOf, optionsOf } from "../../support/kernels.js";
import { bucketChecks } from "./bucket_checks.js";
import { normal, student } from "./distribution.js";
import { floats, type Program, run } from "./stand_in.js";

/** Two floats as the shaders have them. */
const pairOf = (x: number): [number, number] => [Math.fround(x), Math.fround(x - Math.fround(x))];
const held = (x: number) => pairOf(x)[0] + pairOf(x)[1];
const pairs = (values: readonly number[]) => Float32Array.from(values.flatMap(pairOf));
const valuesOf = (view: Float32Array) => Array.from({ length: view.length / 2 }, (_, i) => view[2 * i]! + view[2 * i + 1]!);
const worst = (errors: readonly number[]) => Math.max(...errors.map((x) => (Number.isNaN(x) ? Number.POSITIVE_INFINITY : x)));

export interface FunctionCheck {
  name: string;
  ratio(program: Program): number;
}

const random = seeded(3);
/** Six decades and more, both signs, as two floats hold them. */
const wide = Array.from({ length: 500 }, () => held((random() - 0.4) * 10 ** (16 * random() - 8)));
const others = [...wide.slice(7), ...wide.slice(0, 7)];
const sizes = wide.map(Math.abs);
const exponents = wide.map((x) => held(x % 60));
const moves = wide.map((x) => held(x % 1));
/** What is left of numbers of both signs that nearly cancel. */
const nearly = wide.map((x, i) => held(-x * (1 + 10 ** -(1 + (i % 7)))));
const upToQuarter = Array.from({ length: 200 }, (_, i) => held(0.0013 * (i + 0.7)));

/** Runs a function of functions.metal on numbers, and gives what it makes of each. */
function apply(program: Program, name: string, a: readonly number[], b = a): number[] {
  const buffers = { 0: pairs(a), 1: pairs(b), 2: new Float32Array(2 * a.length) };
  return valuesOf(floats(run(program, name, { groups: 1, threads: a.length, buffers })[2]!));
}
/** The error is relative to the result, or to `least` where that is larger. */
function ofNumbers(
  name: string,
  of: (a: number, b: number) => number,
  a: readonly number[],
  b: readonly number[],
  bound: number,
  least = 0,
) {
  const want = a.map((x, i) => of(x, b[i]!));
  const error = (x: number, i: number) => (x === want[i] ? 0 : Math.abs(x - want[i]!) / Math.max(Math.abs(want[i]!), least));
  return { name, ratio: (program: Program) => worst(apply(program, name, a, b).map(error)) / bound };
}

const counters = [
  [0, 0, 0, 0, 0, 0],
  [1, 1, 1, 1, 1, 1].map(() => 0xffffffff),
  ...Array.from({ length: 20 }, () => Array.from({ length: 6 }, () => Math.floor(random() * 2 ** 32))),
];
/** Known answers of Random123, and what the reference says. */
const words = [
  [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ...counters.slice(2).map((six) => philox(six.slice(0, 4), six.slice(4))),
].flat();
function philoxWords(program: Program) {
  const buffers = { 0: Uint32Array.from(counters.flat()), 1: new Uint32Array(words.length) };
  const got = new Uint32Array(run(program, "test_philox", { groups: 1, threads: counters.length, buffers })[1]!.slice().buffer);
  return words.every((word, i) => word === got[i]) ? 0 : Number.POSITIVE_INFINITY;
}

const ends = [0, 0, 0xffffffff, 0xffffffff, 0, 0x80000000, 0xffffffff, 0x7fffffff];
const bits = Uint32Array.from([...ends, ...Array.from({ length: 600 }, () => Math.floor(random() * 2 ** 32))]);
function normalVariables(program: Program) {
  const uniform = (i: number) => (bits[2 * i + 1]! * 2 ** 20 + (bits[2 * i]! >>> 12) + 0.5) * 2 ** -52;
  const buffers = { 0: bits, 1: new Float32Array(bits.length) };
  const got = valuesOf(floats(run(program, "test_normal_of", { groups: 1, threads: bits.length / 2, buffers })[1]!));
  return worst(got.map((x, i) => Math.abs(x - normalQuantile(uniform(i))))) / 2e-12;
}

const tails = Array.from({ length: 200 }, (_, i) => held(0.5 * 0.83 ** i));
const deviations = Array.from({ length: 200 }, (_, i) => Math.fround(i * 0.057));
const quantileSize = (program: Program) =>
  worst(apply(program, "test_normal_quantile_size", tails).map((x, i) => Math.abs(x + normalQuantile(tails[i]!)))) / 1e-11;

const beyond: readonly (readonly [number, number])[] = [
  ...([-1e38, -1e4, -120, -105] as const).map((x) => [x, 0] as const),
  ...([89.5, 120, 1e4, 1e38] as const).map((x) => [x, Number.POSITIVE_INFINITY] as const),
];
const sameAs = (got: readonly number[], want: readonly number[]) =>
  want.every((x, i) => Object.is(x, got[i])) ? 0 : Number.POSITIVE_INFINITY;
const beyondRange = (program: Program) =>
  sameAs(
    apply(
      program,
      "test_exponential",
      beyond.map(([x]) => x),
    ),
    beyond.map(([, want]) => want),
  );

const directions = sobolDirections(5);
const seeds = Uint32Array.from({ length: 5 }, (_, d) => scrambleSeed(d, 3, 1));
/** Points 2 to 71 of five dimensions. */
function sobolVariables(program: Program) {
  const buffers = { 0: directions, 1: seeds, 2: new Float32Array(2 * 350), 3: Uint32Array.of(70, 5, 2) };
  const got = valuesOf(floats(run(program, "sobol_draws", { groups: 3, threads: 128, buffers })[2]!));
  const point = (i: number) => scrambled(sobolBits(directions, Math.floor(i / 70), 2 + (i % 70)), seeds[Math.floor(i / 70)]!);
  return worst(got.map((x, i) => Math.abs(x - normalQuantile(inside(point(i)))))) / 2e-12;
}

const z = [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 0, -1, 30];
function classified(program: Program) {
  const of = (distribution: number) => {
    const buffers = {
      ...{ 0: new Float32Array(6), 1: new Float32Array(6), 2: Float32Array.from(z.flatMap((x) => [x, 0])) },
      ...{ 3: new Float32Array(6).fill(-7), 4: Uint32Array.of(6, 0, distribution, 1), 5: new Float32Array(58) },
    };
    return [...floats(run(program, "bulk_volume_classification", { groups: 1, threads: 64, buffers })[3]!)];
  };
  const want = [Number.NaN, 0, 1, 0.5, Math.fround(normal(-1)), 1];
  return sameAs(of(0), want) + sameAs(of(1), want.slice(0, 4)); // of Student's no curve is given
}

/** Functions of pair.h, normal.h and philox.h by themselves, and shaders on what no call hands them or shows of them. */
export const functionChecks: readonly FunctionCheck[] = [
  ofNumbers("test_add", (a, b) => a + b, sizes, [...sizes].reverse(), 2 ** -44),
  { ...ofNumbers("test_add", (a, b) => a + b, wide, nearly, 2 ** -44), name: "test_add, what nearly cancels" },
  ofNumbers("test_times", (a, b) => a * b, wide, others, 2 ** -44),
  ofNumbers("test_over", (a, b) => a / b, wide, others, 2 ** -44),
  ofNumbers("test_root", Math.sqrt, sizes, sizes, 2 ** -44),
  ofNumbers("test_exponential", Math.exp, exponents, exponents, 2 ** -42),
  ofNumbers("test_exponential_less_one", Math.expm1, moves, moves, 2 ** -42),
  { name: "test_exponential, beyond its range", ratio: beyondRange },
  ofNumbers("test_logarithm", Math.log, sizes, sizes, 2 ** -43, 1),
  ofNumbers("test_logarithm_above_one", Math.log1p, sizes, sizes, 2 ** -42),
  {
    ...ofNumbers("test_logarithm_above_one", Math.log1p, upToQuarter, upToQuarter, 2 ** -43),
    name: "test_logarithm_above_one, its series",
  },
  ofNumbers("test_normal_tail", (a) => normal(-a), deviations, deviations, 2e-12),
  {
    name: "test_normal_tail, below every f32",
    ratio: (program) => sameAs(apply(program, "test_normal_tail", [14.6, 20, 1e10]), [0, 0, 0]),
  },
  { name: "Philox's words", ratio: philoxWords },
  { name: "normal variables", ratio: normalVariables },
  { name: "the quantile in the far tail", ratio: quantileSize },
  { name: "the variables of Sobol' points", ratio: sobolVariables },
  { name: "bulk_volume_classification of NaN and infinite z", ratio: classified },
  ...bucketChecks,
];

export interface CallCheck {
  name: string;
  kernel: string;
  /** The worst element on the backend `metal`. */
  worst(): Pick<Worst, "ratio">;
}

const realOf = ({ contract }: AnyKernel) => (followsReal(contract) ? "f32" : "f64");
const once = <T>(of: () => T) => {
  let made: { value: T } | undefined;
  return () => (made ??= { value: of() }).value;
};

/** Calls of a kernel on the sizes of the parity suite against the reference, and on golden values. */
export function callChecks(kernel: AnyKernel): CallCheck[] {
  const { contract } = kernel;
  const real = realOf(kernel);
  const parity = contract.parity.map((one) => {
    const made = once(() => {
      const inputs = inputsOf(contract, one, real);
      const want = kernel(inputs, optionsOf(contract, one), { backend: "reference" }) as Arrays;
      return { inputs, want, before: Object.fromEntries(Object.entries(inputs).map(([key, view]) => [key, view.slice()])) };
    });
    return {
      name: `${contract.name} ${labelOf(one)}`,
      kernel: contract.name,
      worst() {
        const { inputs, want, before } = made();
        const { out, broken } = fenced(want);
        kernel(inputs, optionsOf(contract, one), { backend: "metal", out } as never);
        if (broken().length > 0) throw new Error(`written outside of ${broken()}`);
        for (const [key, view] of Object.entries(before))
          if (Buffer.compare(bytesOf(view), bytesOf(inputs[key]!)) !== 0) throw new Error(`input ${key} was written`);
        return worstOf(contract, real, out, want, metalTolerance(contract));
      },
    };
  });
  const golden = contract.golden.map((one: Golden, i: number) => ({
    name: `${contract.name}, golden ${i}: ${one.source}`,
    kernel: contract.name,
    worst() {
      const entries = ports(contract.inputs).filter(([key]) => one.inputs[key]);
      const inputs = Object.fromEntries(
        entries.map(([key, port]) => [key, new (viewOf(port.dtype === "real" ? real : port.dtype))(one.inputs[key] as never)]),
      );
      const got = kernel(inputs, { ...contract.example, ...one.options }, { backend: "metal" }) as Arrays;
      // Inputs that f32 rounds move results by some of its roundings.
      const relative = Math.max(one.relative, followsReal(contract) ? 2e-6 : 1e-10);
      const tolerance = { relative, floor: Math.max(one.floor ?? 1, 1e-2) };
      const found = Object.entries(one.outputs).map(([key, want]) => {
        const { dtype } = contract.outputs[key];
        return compareView(key, got[key], new (viewOf(dtype === "real" ? "f64" : dtype))(want as never), tolerance);
      });
      return found.reduce((a, b) => (b.ratio > a.ratio ? b : a));
    },
  }));
  return [...parity, ...golden];
}
const bytesOf = (view: Arrays[string]) => Buffer.from(view.buffer, view.byteOffset, view.byteLength);

const { contract: classification } = bulkVolumeClassification;
const moved = (() => {
  const draw = seeded(5);
  const first = Float32Array.from({ length: 1003 }, () => 100 + 900 * draw());
  const last = first.map((price, i) => (i > 400 && i < 500 ? price : price + 0.3 * (draw() - 0.6) * spread(draw)));
  return { first, last: last.map((price) => Math.max(price, 0.5)) };
})();
const deviationsMoved = once(() => {
  const moves = [...moved.last].map((price, i) => price - moved.first[i]!);
  const mean = moves.reduce((sum, x) => sum + x, 0) / moves.length;
  const sigma = Math.sqrt(moves.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (moves.length - 1));
  if (moves.filter((move) => Math.abs(move) > 3 * sigma).length <= 3) throw new Error("moves without tails");
  return moves.map((move) => move / sigma);
});

const toldApart = ["call", "dividendYield", "expiry", "rate", "spot", "strike", "volatility"] as const;
/** Options at limits: the forward at the strike without volatility or time, hardly any of them, and large rates. */
const limits: readonly (readonly number[])[] = [
  ...[0, 1].flatMap((call) => [
    [call, 0.03, 0, 0.03, 100, 100, 0.2],
    [call, 0.03, 0, 0.03, 100, 100, 0],
    [call, 0.03, 1, 0.03, 80, 80, 0],
    [call, 0.03, 1e-7, 0.03, 90, 90, 0.3],
    [call, 0.03, 1e-7, 0.03, 90, 90.00001, 0],
    [call, 0.03, 0.5, 0.03, 90, 90, 0.004],
    [call, 0.01, 2, 0.02, 90, 50, 1e-22],
    [call, 0.01, 2, 0.02, 50, 90, 1e-22],
    [call, 0, 1, 0, 10_000, 10_000, 5e-7],
    [call, 0.9, 8, 1.1, 100, 90, 0.4],
    [call, -0.9, 7, -0.95, 100, 110, 0.3],
    [call, 1.3, 3, 0.2, 10, 11, 1.5],
  ]),
];
const optionsAtLimits: CallCheck = {
  name: "black_scholes at its limits",
  kernel: blackScholes.contract.name,
  worst() {
    const inputs = Object.fromEntries(
      toldApart.map((key, i) => [
        key,
        key === "call" ? Uint8Array.from(limits, (row) => row[i]!) : Float32Array.from(limits, (row) => row[i]!),
      ]),
    ) as never;
    const [got, want] = ["metal", "reference"].map((backend) => blackScholes(inputs, {}, { backend }) as Arrays);
    return worstOf(blackScholes.contract, "f32", got!, want!, metalTolerance(blackScholes.contract));
  },
};

const bookChecks: readonly CallCheck[] = [1e-250, 1, 1e12].map((size) => ({
  name: `option_book_risk where prices are about ${size}, with strikes that f32 does not hold beside them`,
  kernel: optionBookRisk.contract.name,
  worst() {
    const near = Float64Array.of(1, 0.9, 1.1, 1e-60, 1, 1).map((strike) => strike * size);
    const inputs = {
      quantity: Float64Array.of(3, -2, 1, 1, -1, 2),
      kind: Uint8Array.of(1, 2, 2, 2, 3, 0),
      underlying: Uint32Array.of(0, 1, 0, 0, 1, 0),
      strike: near.map((strike) => Math.max(strike, 2e-280)),
      expiry: Float64Array.of(0.5, 0.1, 0, 2, 0, 0),
      volatility: Float64Array.of(0.3, 0.6, 0.2, 0.4, 0, 0),
      price: Float64Array.of(size, 1.5 * size),
      covariance: Float64Array.of(0.04, 0.01, 0.01, 0.09), // moves of 40 % and more
    };
    const options = { paths: 203, confidence: 0.7, seed: 5, horizon: 0.01, distribution: "student_t", df: 3 } as const;
    const [got, want] = ["metal", "reference"].map((backend) => optionBookRisk(inputs, options, { backend }));
    return {
      ratio: worst((["var", "es", "varLow", "varHigh"] as const).map((key) => Math.abs(got![key][0]! / want![key][0]! - 1))) / 1e-11,
    };
  },
}));

/** What the parity sizes do not reach: limits of options, small and constant prices, tails by integration, squares that would overflow. */
export const tailChecks: readonly CallCheck[] = [
  optionsAtLimits,
  ...bookChecks,
  ...[1, 3e-8].map((scale) => ({
    name: `bulk_volume_classification of ${scale === 1 ? "constant prices" : "prices below a millionth"}`,
    kernel: classification.name,
    worst() {
      const last = scale === 1 ? new Float32Array(300).fill(7) : moved.last.map((price) => (price * scale) / 100);
      const [got, want] = ["metal", "reference"].map((backend) => bulkVolumeClassification({ last }, {}, { backend }));
      return worstOf(classification, "f32", got!, want!, metalTolerance(classification));
    },
  })),
  ...[undefined, 1e-3, 0.05, 1, 2.5, 7.9, 30, 1e3, 1e6].map((df) => {
    const want = once(() => deviationsMoved().map((z) => (df === undefined ? normal(z) : student(z, df))));
    return {
      name: `keeps the contract's bound of ${df === undefined ? "the normal distribution" : `Student's with ${df} degrees of freedom`}`,
      kernel: classification.name,
      worst() {
        const options = { change: "within", ...(df && { distribution: "student_t" as const, df }) } as const;
        const { buyFraction } = bulkVolumeClassification(moved, options, { backend: "metal" });
        return { ratio: worst(want().map((x, i) => Math.abs(buyFraction[i]! - x) / Math.max(x, 1e-30))) / 2e-7 };
      },
    };
  }),
  ...[1e-3, 0.25, 1].map((df) => ({
    name: `keeps it where moves are 1e16 deviations, whose squares would overflow, with ${df} degrees of freedom`,
    kernel: classification.name,
    worst() {
      const inputs = { last: Float32Array.of(1, 2, 3, 5, 7, 1), first: new Float32Array(6).fill(1e16) };
      const options = { change: "within", distribution: "student_t", df } as const;
      const [got, want] = ["metal", "reference"].map((backend) => bulkVolumeClassification(inputs, options, { backend }));
      return worstOf(classification, "f32", got!, want!);
    },
  })),
];
