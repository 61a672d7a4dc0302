import { kernel } from "../../../core/call/kernel.js";
import { counter } from "../../../core/contract/contract.js";
import { spread } from "../../parts/sample.js";
import { normalCdf, studentCdf } from "../../parts/special.js";

const { LN2 } = Math;

/**
 * Sums over the price changes so far: their weighted mean and weighted squares about it. The newest change has weight 1, one
 * k bars older lambda^k, lambda = 2^(-1 / halfLife); with an infinite half-life all weights are 1.
 */
interface Moments {
  count: number;
  mean: number;
  squares: number;
}

/** 1 + lambda + ... + lambda^(count - 1). */
const weights = (count: number, halfLife: number) =>
  halfLife === Infinity ? count : Math.expm1((-count * LN2) / halfLife) / Math.expm1(-LN2 / halfLife);

/** Takes one change and returns the standard deviation, unbiased as ddof 1 is; NaN before the second change. */
function update(m: Moments, change: number, halfLife: number): number {
  const lambda = 2 ** (-1 / halfLife);
  m.count++;
  const distance = change - m.mean;
  m.mean += distance / weights(m.count, halfLife);
  m.squares = lambda * m.squares + distance * (change - m.mean);
  // sum w - sum w^2 / sum w, which is count - 1 for equal weights
  const divisor = (2 * lambda * weights(m.count - 1, halfLife)) / (1 + lambda);
  return Math.sqrt(m.squares / divisor);
}

/** Standard deviation of all changes, ddof 1. */
function whole(changes: readonly number[]): number {
  const mean = changes.reduce((sum, x) => sum + x, 0) / changes.length;
  const squares = changes.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  const shift = changes.reduce((sum, x) => sum + (x - mean), 0); // 0 but for rounding
  return Math.sqrt((squares - (shift * shift) / changes.length) / (changes.length - 1));
}

const prices = [100, 101, 99, 102, 102.5, 95, 95, 96, 120, 80];
const firsts = [99.5, 101, 100, 100, 102, 97, 95, 94, 110, 81];

/** Buyer-initiated share of bars or trades from their price changes. */
export const bulkVolumeClassification = kernel({
  name: "bulk_volume_classification",
  rows: "bar",
  doc:
    "Buyer-initiated share F(dp / sigma) of each bar or trade, dp its price change. sigma is the standard deviation of dp over the `whole` " +
    "call, which looks ahead and is refused for streams; over all changes up to and including this one (`expanding`); or over the same " +
    "with weights 2^(-age / halfLife) (`ewma`), debiased as ddof 1 is: sum w (dp - mean)^2 / (sum w - sum w^2 / sum w), with no starting " +
    "value. 0.5 for the first bar, for fewer than two changes and where sigma is 0.",
  source:
    "Easley, Lopez de Prado & O'Hara (2012), Rev. Financ. Stud. 25(5), bulk classification; weights as pandas.DataFrame.ewm(halflife).std()",
  inputs: {
    last: { dtype: "real", shape: ["bar"], check: { above: 0 }, unit: "price", doc: "last price of each bar, or price of each trade, > 0" },
    first: {
      dtype: "real",
      shape: ["bar"],
      optional: true,
      check: { above: 0 },
      unit: "price",
      doc: "first price of each bar, > 0; needed for change 'within'",
    },
  },
  params: {
    change: { type: "enum", values: ["between", "within"], default: "between", doc: "last - last of the bar before, or last - first" },
    sigma: {
      type: "enum",
      values: ["whole", "expanding", "ewma"],
      default: "whole",
      doc: "rows that the standard deviation is taken over",
    },
    halfLife: { type: "f64", min: 0.1, max: 1e6, default: 100, unit: "bars", doc: "age at which a change counts half; for sigma 'ewma'" },
    distribution: { type: "enum", values: ["normal", "student_t"], default: "normal", doc: "distribution function F" },
    df: { type: "f64", min: 1e-3, max: 1e6, default: 0.25, doc: "degrees of freedom; for distribution 'student_t'" },
  },
  state: {
    lastPrice: { dtype: "f64", shape: [1], unit: "price", doc: "last price of the bar before, 0 before there is one" },
    count: counter("bars", "price changes so far"),
    mean: { dtype: "f64", shape: [1], unit: "price", doc: "their weighted mean" },
    squares: { dtype: "f64", shape: [1], unit: "price^2", doc: "their weighted squared distances from it" },
  },
  outputs: { buyFraction: { dtype: "real", shape: ["bar"], unit: "ratio in [0, 1]", doc: "buyer-initiated share of the bar's volume" } },
  // Far in the tail one rounding of z costs z^2 / 2 roundings of F(z): 1e-11 relative, with no floor, is 60 roundings at z = -38.
  compare: { buyFraction: { f64: { relative: 1e-11, floor: 0 }, f32: { relative: 2e-7, floor: 1e-37 } } },
  refuse({ change, sigma }, how, given) {
    if (sigma === "whole" && how === "stream") return "sigma 'whole' looks at rows to come; streams take 'expanding' or 'ewma'";
    if (change === "within" && given && !given.has("first")) return "change 'within' needs the column 'first'";
    return undefined;
  },
  oneRun: ({ sigma }) => sigma === "whole",
  cost: ({ bar = 0 }) => ({ flops: 110 * bar, bytes: 16 * bar }),
  reference({ in: { last, first }, params, state, out: { buyFraction } }) {
    const fraction = (z: number) => (params.distribution === "normal" ? normalCdf(z) : studentCdf(z, params.df));
    const share = (change: number, sigma: number) => (sigma > 0 ? fraction(change / sigma) : 0.5);
    if (params.sigma === "whole") {
      const changes = Array.from(last, (price, i) => price - (params.change === "within" ? first![i]! : (last[i - 1] ?? Number.NaN)));
      const sigma = whole(params.change === "within" ? changes : changes.slice(1));
      changes.forEach((change, i) => {
        buyFraction[i] = i === 0 && params.change === "between" ? 0.5 : share(change, sigma);
      });
      return;
    }
    const halfLife = params.sigma === "ewma" ? params.halfLife : Infinity;
    const moments = { count: state.count[0]!, mean: state.mean[0]!, squares: state.squares[0]! };
    for (let i = 0; i < last.length; i++) {
      const before = params.change === "within" ? first![i]! : state.lastPrice[0]!;
      const change = last[i]! - before;
      buyFraction[i] = before === 0 ? 0.5 : share(change, update(moments, change, halfLife));
      state.lastPrice[0] = last[i]!;
    }
    state.count[0] = moments.count;
    state.mean[0] = moments.mean;
    state.squares[0] = moments.squares;
  },
  sample({ bar = 0, falling = 0 }, random, { change }, without) {
    const flat = (i: number) => i > 0.4 * bar && i < 0.5 * bar;
    const crash = Math.floor(0.7 * bar);
    let price = falling ? 2e5 : 1e5;
    const last = Float64Array.from({ length: bar }, (_, i) => {
      const move = (random() < 0.55 ? 0.1 : -0.1) * spread(random);
      if (falling) price -= 100 + 0.01 * (random() - 0.3);
      else if (!flat(i)) price = i === crash ? 0.2 * price : Math.max(price + move, 500 + Math.abs(move));
      return price;
    });
    const within = change === "within" && !without.has("first");
    return { last, first: within ? last.map((p, i) => (flat(i) ? p : p * (1 + 1e-3 * (random() - 0.4)))) : undefined };
  },
  golden: [
    {
      source: "changes +1, -1, 0 have ddof-1 deviation 1; F(1) from Abramowitz & Stegun (1964), table 26.1",
      inputs: { last: [10, 11, 10, 10] },
      outputs: { buyFraction: [0.5, 0.841344746068543, 0.158655253931457, 0.5] },
      relative: 1e-15,
    },
    {
      source: "the same with df = 1, where F(t) = 1/2 + atan(t) / pi",
      inputs: { last: [10, 11, 10, 10] },
      options: { distribution: "student_t", df: 1 },
      outputs: { buyFraction: [0.5, 0.75, 0.25, 0.5] },
      relative: 1e-15,
    },
    {
      source: "numpy 1.24.2 std(ddof=1), scipy 1.10.1 norm.cdf",
      inputs: { last: prices },
      outputs: {
        buyFraction: [
          0.5, 0.5240258938890328, 0.4520352734146666, 0.5717303821882449, 0.512018399388649, 0.3256513238741574, 0.5, 0.5240258938890328,
          0.9259465176267523, 0.007967138701529368,
        ],
      },
      relative: 1e-14,
    },
    {
      source: "numpy 1.24.2 std(ddof=1), scipy 1.10.1 t.cdf",
      inputs: { last: prices },
      options: { distribution: "student_t" },
      outputs: {
        buyFraction: [
          0.5, 0.5129081611004362, 0.4744107343330145, 0.537845729128748, 0.5064686439001083, 0.41499849659304916, 0.5, 0.5129081611004362,
          0.6731071251937628, 0.28914277164306895,
        ],
      },
      relative: 1e-13,
    },
    {
      source: "pandas 1.5.3 diff().expanding().std(), scipy 1.10.1 norm.cdf",
      inputs: { last: prices },
      options: { sigma: "expanding" },
      outputs: {
        buyFraction: [
          0.5, 0.5, 0.17288929307558015, 0.8833848886089073, 0.5960485331914169, 0.03191208041524618, 0.5, 0.6157842123805882,
          0.9953076665856363, 0.007967138701529368,
        ],
      },
      relative: 1e-14,
    },
    {
      source: "pandas 1.5.3 diff().ewm(halflife=3).std(), scipy 1.10.1 norm.cdf",
      inputs: { last: prices },
      options: { sigma: "ewma", halfLife: 3 },
      outputs: {
        buyFraction: [
          0.5, 0.5, 0.17288929307558015, 0.8718849490783993, 0.5970876553404115, 0.05083944057157474, 0.5, 0.6118968921462524,
          0.9776190406630582, 0.04303542587495138,
        ],
      },
      relative: 1e-13,
    },
    {
      source: "numpy 1.24.2 std(ddof=1) of last - first, scipy 1.10.1 norm.cdf",
      inputs: { last: prices, first: firsts },
      options: { change: "within" },
      outputs: {
        buyFraction: [
          0.5589200681873013, 0.5, 0.3834380570544625, 0.7233850166714648, 0.5589200681873013, 0.27661498332853524, 0.5, 0.7233850166714648,
          0.9984847902765234, 0.3834380570544625,
        ],
      },
      relative: 1e-14,
    },
    {
      source: "pandas 1.5.3 (last - first).ewm(halflife=1.5).std(), scipy 1.10.1 t.cdf(df=3)",
      inputs: { last: prices, first: firsts },
      options: { change: "within", sigma: "ewma", halfLife: 1.5, distribution: "student_t", df: 3 },
      outputs: {
        buyFraction: [
          0.5, 0.5, 0.14695355868508178, 0.8576963969819356, 0.6527097781190757, 0.16418328465870832, 0.5, 0.8439934983073663,
          0.9203801414962091, 0.4285031315018395,
        ],
      },
      relative: 1e-13,
    },
  ],
  parity: [
    ...[0, 1, 2, 7, 1_003].flatMap((bar) => [
      { dims: { bar } },
      { dims: { bar }, options: { sigma: "expanding" } },
      { dims: { bar }, options: { sigma: "ewma", halfLife: 20 } },
    ]),
    { dims: { bar: 1_003 }, options: { change: "within" } },
    { dims: { bar: 1_003 }, options: { change: "within", sigma: "expanding", distribution: "student_t" } },
    { dims: { bar: 1_003 }, options: { distribution: "student_t" } },
    { dims: { bar: 1_003 }, options: { distribution: "student_t", df: 4 } },
    { dims: { bar: 1_003 }, options: { distribution: "student_t", df: 2_000 } },
    { dims: { bar: 1_003 }, options: { sigma: "ewma", halfLife: 0.5 } },
    { dims: { bar: 1_003 }, options: { sigma: "ewma", halfLife: 3_000 } },
    // The mean is ten thousand deviations from 0: sums of squares about 0 would lose half of the digits.
    { dims: { bar: 1_003, falling: 1 }, options: { sigma: "expanding", distribution: "student_t" } },
    { dims: { bar: 1_003, falling: 1 }, options: { sigma: "ewma", halfLife: 20, distribution: "student_t" } },
    { dims: { bar: 1_003, falling: 1 }, options: { distribution: "student_t" } },
    { dims: { bar: 40_009 }, options: { sigma: "expanding" } },
  ],
  bench: [
    { dims: { bar: 1_000_000 }, label: "whole" },
    { dims: { bar: 1_000_000 }, options: { sigma: "expanding" }, label: "expanding" },
    { dims: { bar: 1_000_000 }, options: { sigma: "ewma" }, label: "ewma" },
    { dims: { bar: 1_000_000 }, options: { distribution: "student_t" }, label: "student_t" },
  ],
});
