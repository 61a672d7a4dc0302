import { kernel } from "../../../core/call/kernel.js";
import { covarianceGolden } from "../golden/risk.js";

const halfLife = (of: string, value: number) =>
  ({ type: "f64", above: 0, max: 1e8, default: value, unit: "dates", doc: `age at which a date counts half in the ${of}` }) as const;
const lags = (of: string) =>
  ({
    type: "i32",
    min: 0,
    max: 1_000,
    default: 0,
    unit: "dates",
    doc: `Newey-West lags of the ${of}: 0 where factor returns do not correlate over time`,
  }) as const;

/** Covariance of factor returns, date by date. */
export const factorCovariance = kernel({
  name: "factor_covariance",
  rows: "update",
  doc:
    "Covariance of factor returns after every update of `batch` dates: correlations and variances are weighted with half-lives of their own, " +
    "both corrected for serial correlation. With weights w_t = 2^(-age / half-life) and x_t = sqrt(w_t) f_t: C = (sum of x_t x_t' + sum over j = 1 .. lags of " +
    "(1 - j / (lags + 1)) (G_j + G_j')) / sum of w_t, G_j = sum of x_t x_(t-j)'; moments are about 0. Weighting the returns and not the products " +
    "keeps C positive semidefinite [ours]. A date with a NaN is passed over; NaN before the first date. A factor without variance has covariance 0.",
  source:
    "Menchero, Orr & Wang (2011), USE4 Methodology Notes, section 4.1; Newey & West (1987), Econometrica 55(3), eq. 5, on weighted returns",
  inputs: {
    factorReturns: {
      dtype: "f64",
      shape: ["update", "batch", "factors"],
      expects: "a finite number, or NaN where there is none",
      unit: "ratio",
      doc: "returns of the factors on `batch` dates for each update, oldest first",
    },
  },
  params: {
    factors: { type: "i32", min: 1, max: 10_000, unit: "factors", doc: "number of factors" },
    batch: {
      type: "i32",
      min: 1,
      max: 1_000_000,
      default: 1,
      unit: "dates",
      doc: "dates of an update: a covariance is put out after each",
    },
    varianceHalfLife: halfLife("variances", 84),
    correlationHalfLife: halfLife("correlations", 504),
    varianceLags: lags("variances"),
    correlationLags: lags("correlations"),
    depth: {
      type: "i32",
      min: 0,
      default: 0,
      derived: ({ varianceLags, correlationLags }) => Math.max(1, varianceLags, correlationLags),
      unit: "dates",
      doc: "dates kept for the lags: computed, need not be given",
    },
  },
  state: {
    variances: { dtype: "f64", shape: ["factors"], unit: "ratio^2", doc: "weighted sums of squares" },
    laggedVariances: {
      dtype: "f64",
      shape: ["varianceLags", "factors"],
      unit: "ratio^2",
      doc: "weighted sums of products with earlier returns",
    },
    products: { dtype: "f64", shape: ["factors", "factors"], unit: "ratio^2", doc: "weighted sums of products" },
    laggedProducts: {
      dtype: "f64",
      shape: ["correlationLags", "factors", "factors"],
      unit: "ratio^2",
      doc: "the same with earlier returns",
    },
    recent: { dtype: "f64", shape: ["depth", "factors"], unit: "ratio", doc: "the last returns, the newest first" },
    weight: { dtype: "f64", shape: [2], unit: "ratio", doc: "sums of the weights: variances, correlations" },
  },
  outputs: {
    covariance: {
      dtype: "f64",
      shape: ["update", "factors", "factors"],
      unit: "ratio^2",
      doc: "symmetric, positive semidefinite but for rounding",
    },
  },
  workspace: true,
  compare: { covariance: { f64: { relative: 1e-11, floor: 1e-9 }, f32: { relative: 1e-11, floor: 1e-9 } } },
  cost: ({ update = 0 }, { factors, batch, correlationLags }) => ({
    flops: update * factors ** 2 * (2 * batch * (1 + correlationLags) + 4 + 2 * correlationLags),
    bytes: update * 8 * (batch * factors + factors ** 2),
  }),
  reference({ in: { factorReturns: f }, params, state, out: { covariance } }) {
    const { factors: n, batch, varianceLags, correlationLags, depth } = params;
    const fade = [2 ** (-1 / params.varianceHalfLife), 2 ** (-1 / params.correlationHalfLife)] as const;
    const infinite = f.findIndex((x) => Math.abs(x) === Number.POSITIVE_INFINITY);
    if (infinite >= 0) return { consumed: 0, produced: 0, refused: { code: "badValue", input: "factorReturns", row: infinite } };
    for (let row = 0; row < f.length / n; row++) {
      const now = f.slice(row * n, (row + 1) * n);
      if (!now.some(Number.isNaN)) {
        for (let lag = 0; lag <= varianceLags; lag++)
          for (let i = 0; i < n; i++) {
            const [sums, at] = lag === 0 ? [state.variances, i] : [state.laggedVariances, (lag - 1) * n + i];
            const before = lag === 0 ? now[i]! : state.recent[(lag - 1) * n + i]!;
            sums[at] = fade[0] * sums[at]! + fade[0] ** (lag / 2) * now[i]! * before;
          }
        for (let lag = 0; lag <= correlationLags; lag++)
          for (let i = 0; i < n; i++)
            for (let j = 0; j < n; j++) {
              const [sums, at] = lag === 0 ? [state.products, i * n + j] : [state.laggedProducts, ((lag - 1) * n + i) * n + j];
              const before = lag === 0 ? now[j]! : state.recent[(lag - 1) * n + j]!;
              sums[at] = fade[1] * sums[at]! + fade[1] ** (lag / 2) * now[i]! * before;
            }
        state.weight[0] = fade[0] * state.weight[0]! + 1;
        state.weight[1] = fade[1] * state.weight[1]! + 1;
        state.recent.copyWithin(n, 0, (depth - 1) * n);
        state.recent.set(now);
      }
      if ((row + 1) % batch !== 0) continue;
      const at = ((row + 1) / batch - 1) * n * n;
      const corrected = (i: number, j: number) => {
        let sum = state.products[i * n + j]!;
        for (let lag = 1; lag <= correlationLags; lag++) {
          const gamma = (a: number, b: number) => state.laggedProducts[((lag - 1) * n + a) * n + b]!;
          sum += (1 - lag / (correlationLags + 1)) * (gamma(i, j) + gamma(j, i));
        }
        return sum / state.weight[1]!;
      };
      const deviation = Array.from({ length: n }, (_, i) => {
        let sum = state.variances[i]!;
        for (let lag = 1; lag <= varianceLags; lag++) sum += 2 * (1 - lag / (varianceLags + 1)) * state.laggedVariances[(lag - 1) * n + i]!;
        return Math.sqrt(Math.max(0, sum / state.weight[0]!));
      });
      const own = Array.from({ length: n }, (_, i) => Math.sqrt(Math.max(0, corrected(i, i))));
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          const whole = own[i]! * own[j]!;
          const correlation = i === j ? 1 : whole > 0 ? corrected(i, j) / whole : 0;
          covariance[at + i * n + j] = state.weight[0]! > 0 ? correlation * deviation[i]! * deviation[j]! : Number.NaN;
        }
    }
    return undefined;
  },
  sample: ({ update = 0 }, random, { batch, factors }) => ({ factorReturns: sampleFactorReturns(update * batch, factors, random) }),
  golden: covarianceGolden,
  parity: [
    { dims: { update: 0 } },
    { dims: { update: 7 }, options: { factors: 1 } },
    { dims: { update: 60 }, options: { factors: 7, varianceHalfLife: 12, correlationHalfLife: 30, varianceLags: 2, correlationLags: 1 } },
    { dims: { update: 5 }, options: { factors: 22, batch: 40, varianceLags: 5, correlationLags: 2 } },
  ],
  bench: [
    { dims: { update: 500 }, options: { factors: 22, varianceLags: 5, correlationLags: 2 }, label: "22 factors, every date" },
    { dims: { update: 1 }, options: { factors: 22, varianceLags: 5, correlationLags: 2, batch: 500 }, label: "22 factors, 500 dates" },
  ],
  example: { factors: 3 },
});

/** Factor returns of different size that correlate, now and with the date before; dates without numbers, and one factor at rest. */
export function sampleFactorReturns(dates: number, factors: number, random: () => number): Float64Array {
  const f = new Float64Array(dates * factors);
  let common = 0;
  for (let t = 0; t < dates; t++) {
    common = 0.3 * common + random() + random() - 1;
    for (let k = 0; k < factors; k++) {
      const value = 0.01 * (1 + k) * (0.5 * common + random() + random() - 0.9);
      f[t * factors + k] = t % 13 === 5 && k === 0 ? Number.NaN : factors > 4 && k === 4 ? 0 : value;
    }
  }
  return f;
}
