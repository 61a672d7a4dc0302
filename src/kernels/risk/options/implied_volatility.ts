import { kernel } from "../../../core/call/kernel.js";
import { normalCdf } from "../../parts/special.js";
import { logReturn } from "../../parts/window.js";
import { optionInputs, sampleOptions } from "../parts/option.js";

const { abs, exp, sqrt } = Math;

/**
 * Price of an option at or out of the money over the root of discounted forward times discounted strike; x <= 0 is minus the
 * distance of the logarithms of the two, s the deviation until expiry.
 */
export const normalizedBlack = (x: number, s: number) => exp(x / 2) * normalCdf(x / s + s / 2) - exp(-x / 2) * normalCdf(x / s - s / 2);

/** What is missing of it to its bound exp(x / 2). */
const missingBlack = (x: number, s: number) => exp(x / 2) * normalCdf(-x / s - s / 2) + exp(-x / 2) * normalCdf(x / s - s / 2);

/** Deviation s with normalizedBlack(x, s) = beta and missingBlack(x, s) = missing, by the smaller of the two, between neighbouring numbers. */
function deviationOf(x: number, beta: number, missing: number): number {
  let [low, high] = [0, 100];
  for (;;) {
    const middle = (low + high) / 2;
    if (!(middle > low && middle < high)) return middle;
    if (missing < beta ? missingBlack(x, middle) > missing : normalizedBlack(x, middle) < beta) low = middle;
    else high = middle;
  }
}

/** Volatilities from option prices. */
export const impliedVolatility = kernel({
  name: "implied_volatility",
  rows: "option",
  doc: "Volatility at which Black-Scholes-Merton gives each price. 0 where the price is the discounted intrinsic value, or off it by rounding alone; NaN where no volatility gives it (below that value, or not below the spot of a call or the strike of a put, both discounted) and at expiry. It may be above 10, which black_scholes refuses: prices near their bound, or minutes to expiry. Measured against 50-digit prices: within the larger of 1e-12 and 5 units in the last place of the price over vega.",
  source:
    "Black-Scholes-Merton in the normalized form of Jaeckel (2015), Wilmott 75, eq. 2.4; Halley's method on the logarithm of the price or of what is missing to its bound (native), bisection (reference)",
  inputs: {
    ...optionInputs,
    price: { dtype: "real", shape: ["option"], check: { min: 0 }, unit: "price", doc: "what the option costs today, >= 0" },
  },
  params: {},
  outputs: { volatility: { dtype: "real", shape: ["option"], unit: "per sqrt(year)", doc: "annual volatility of log returns, or NaN" } },
  // A price says little of the volatility where vega is small: what is left is the rounding of the price over vega.
  compare: { volatility: { f64: { relative: 1e-10, floor: 0 }, f32: { relative: 1e-7, floor: 0 } } },
  cost: ({ option = 0 }) => ({ flops: 900 * option, bytes: 57 * option }),
  reference({ in: { spot, strike, expiry, rate, dividendYield, call, price }, out: { volatility } }) {
    for (let i = 0; i < spot.length; i++) {
      const [s, k, t, r, q] = [spot[i]!, strike[i]!, expiry[i]!, rate?.[i] ?? 0, dividendYield?.[i] ?? 0];
      const x = logReturn(k, s) + (r - q) * t;
      const asset = s * exp(-q * t);
      const cash = k * exp(-r * t);
      const [roof, other] = call[i] === 1 ? [asset, cash] : [cash, asset];
      const gap = roof - price[i]!;
      const inside = call[i] === 1 ? x > 0 : x < 0;
      // Near the money roof - other would cancel; far inside it is price and roof that are close, so that their difference is exact.
      const intrinsic = cash * Math.expm1(x) * (call[i] === 1 ? 1 : -1);
      let timeValue = !inside ? price[i]! : abs(x) < 1 ? price[i]! - intrinsic : other - gap;
      // The rounding of an intrinsic value.
      if (inside && timeValue <= 2 ** -53 * price[i]! && timeValue > -(2 ** -50) * (asset + cash)) timeValue = 0;
      const root = sqrt(asset) * sqrt(cash);
      const possible = t > 0 && timeValue >= 0 && gap > 0;
      volatility[i] = !possible ? Number.NaN : timeValue === 0 ? 0 : deviationOf(-abs(x), timeValue / root, gap / root) / sqrt(t);
    }
  },
  sample({ option = 0 }, random) {
    const options = sampleOptions(option, random);
    const { spot, strike, expiry, rate, dividendYield, call } = options;
    const price = spot.map((s, i) => {
      const t = expiry[i]!;
      if (t === 0 || i % 16 === 7) return i % 32 < 16 ? 0 : 2 * (s + strike[i]!);
      const x = logReturn(strike[i]!, s) + (rate[i]! - dividendYield[i]!) * t;
      const asset = s * exp(-dividendYield[i]! * t);
      const cash = strike[i]! * exp(-rate[i]! * t);
      // From far out of the money to most of the bound.
      const deviation = Math.max(0.02, abs(x)) * (0.2 + 1.3 * random());
      call[i] = x > 0 && deviation < 2 * abs(x) ? 0 : x < 0 && deviation < 2 * abs(x) ? 1 : call[i]!;
      const inside = call[i] === 1 ? Math.max(asset - cash, 0) : Math.max(cash - asset, 0);
      return inside + normalizedBlack(-abs(x), deviation) * sqrt(asset * cash);
    });
    return { ...options, price };
  },
  golden: [
    {
      source: "Hull, Options, Futures and Other Derivatives: a call at 1.875, spot 21, strike 20, rate 10 %, a quarter: 23.5 %",
      inputs: { spot: [21], strike: [20], expiry: [0.25], rate: [0.1], call: [1], price: [1.875] },
      outputs: { volatility: [0.235] },
      relative: 2.5e-3,
      floor: 0,
    },
    {
      source:
        "hand calculation: at the money without rates the price is spot (2 F(sigma / 2) - 1); F(0.5) from Abramowitz & Stegun, table 26.1",
      inputs: { spot: [1], strike: [1], expiry: [1], call: [1], price: [2 * 0.69146246127401312 - 1] },
      outputs: { volatility: [1] },
      relative: 1e-15,
      floor: 0,
    },
  ],
  parity: [
    ...[0, 1, 7, 64, 1_003].map((option) => ({ dims: { option } })),
    { dims: { option: 1_003 }, without: ["rate", "dividendYield"] },
  ],
  bench: [{ dims: { option: 16_384 }, label: "in cache" }],
});
