import { kernel } from "../../../core/call/kernel.js";
import { before, behind, delayedSizes, delayedStyle, scoreWindows } from "../parts/delayed_style.js";
import { numbers } from "../parts/numbers.js";
import { decay } from "../parts/window.js";

/** Momentum exposures. */
export const momentum = kernel({
  ...delayedStyle,
  name: "momentum",
  doc:
    "Compounded return of the `window` dates that end `lag` dates ago, each return times 2^(-age / halfLife), the newest of them in full: " +
    "product(1 + w r) - 1; then winsorized and standardized as style_score. NaN where a return of the window is missing, so for the first " +
    "lag + window - 1 dates.",
  source: "toraniko 1.1, styles.py factor_mom; Menchero, Orr & Wang (2011), USE4 (RSTR)",
  params: {
    ...before(504, "returns compounded", 20),
    halfLife: { type: "f64", above: 0, default: 126, unit: "dates", doc: "age at which a return counts half" },
    ...behind,
  },
  workspace: true,
  cost: ({ date = 0 }, { assets, window }) => ({ flops: 3 * date * assets * window, bytes: 16 * date * assets }),
  reference(call) {
    const weight = decay(call.params.window, call.params.halfLife);
    scoreWindows(call, (returns) => returns.reduceRight((product, r, age) => product * (1 + weight[age]! * r), 1) - 1);
  },
  golden: [
    {
      source:
        "numpy 2.4.6, toraniko's formulas: w = exp(-log(2) / 2 * arange(3))[::-1]; cumprod(1 + r * w)[-1] - 1 of r two dates back; clip at nanpercentile 10 and 90; (x - mean) / std(ddof=1)",
      inputs: {
        returns: numbers(`
          0.01 -0.02 0.03 0.005
          0.02 0.01 -0.01 0.0
          -0.03 0.015 0.02 0.01
          0.005 0.002 -0.004 0.1
          0.01 0.01 0.01 0.01
          0.02 -0.01 0.03 -0.02
          -0.01 0.04 0.01 0.02
        `),
      },
      options: { window: 3, lag: 2, halfLife: 2, tail: 0.1 },
      outputs: {
        score: numbers(`
          NaN NaN NaN NaN
          NaN NaN NaN NaN
          NaN NaN NaN NaN
          NaN NaN NaN NaN
          -1.3330345800046592 0.09552309621025076 1.0921355103393555 0.1453759734550531
          -0.7393493103147041 -0.19500007721120372 -0.5275195251404678 1.4618689126663755
          -0.8282278309975584 -0.2802828822838459 -0.3460451946003586 1.454555907881763
        `),
      },
      relative: 1e-13,
    },
  ],
  parity: [...delayedSizes, { dims: { date: 150 }, options: { assets: 18, window: 20, lag: 0 }, without: ["universe", "weights"] }],
  bench: [
    { dims: { date: 2_520 }, options: { assets: 3_000 }, without: ["universe", "weights"], label: "3,000 assets, 504 of 2,520 dates" },
  ],
});
