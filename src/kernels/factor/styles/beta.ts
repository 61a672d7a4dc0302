import { kernel } from "../../../core/call/kernel.js";
import { marketInput, marketRegression, marketsState, sampleMarket } from "../parts/market_regression.js";
import { numbers } from "../parts/numbers.js";
import { assetsParam, panel, rowOf, styleScores, tailParam, universeInput, weightInput, weightingParam } from "../parts/panel.js";
import { datesState, decay, olderState, windowAfter } from "../parts/window.js";

/** Market beta exposures. */
export const beta = kernel({
  name: "beta",
  rows: "date",
  doc:
    "Slope of the weighted regression, with a constant, of each asset's returns on the market's over the last `window` dates, weights " +
    "2^(-age / halfLife), dates where one of the two is missing left out; then winsorized and standardized as style_score. `slope` is the slope itself, " +
    "`residualDeviation` the weighted deviation of what it leaves (Barra's HSIGMA). NaN with fewer than `minimum` dates, or where the market does not vary.",
  source: "Liu, Menchero, Orr & Wang (2011), The Barra US Equity Model (USE4), Empirical Notes, appendix A: BETA, HSIGMA",
  inputs: {
    returns: panel("ratio", "excess return of each date"),
    market: marketInput,
    weights: weightInput,
    universe: universeInput,
  },
  params: {
    assets: assetsParam,
    window: { type: "i32", min: 2, max: 10_000, default: 252, unit: "dates", doc: "dates of the regression" },
    halfLife: { type: "f64", above: 0, default: 63, unit: "dates", doc: "age at which a date counts half" },
    minimum: { type: "i32", min: 2, max: 10_000, default: 63, unit: "dates", doc: "dates that a slope needs" },
    tail: tailParam(0.01),
    weighting: weightingParam,
  },
  state: {
    older: olderState("ratio", "ring of the last returns"),
    markets: marketsState,
    dates: datesState,
  },
  outputs: {
    score: panel("standard deviations", "exposures"),
    slope: panel("ratio", "slope on the market"),
    residualDeviation: panel("ratio", "weighted deviation of what the market leaves"),
  },
  workspace: true,
  compare: {
    score: { f64: { relative: 1e-9, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } },
    slope: { f64: { relative: 1e-10, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } },
    residualDeviation: { f64: { relative: 1e-9, floor: 1e-4 }, f32: { relative: 1.2e-7, floor: 1e-4 } },
  },
  cost: ({ date = 0 }, { assets, window }) => ({ flops: 12 * date * assets * window, bytes: 32 * date * assets }),
  reference({ in: { returns, market, weights, universe }, params, state: { older, markets, dates }, out }) {
    const { assets, window, halfLife, minimum, tail, weighting } = params;
    const weight = decay(window, halfLife);
    for (let t = 0; t < market.length; t++) {
      const now = dates[0]!++;
      const [x] = windowAfter([market[t]!], { older: markets }, now, window);
      const found = windowAfter(rowOf(returns, assets, t), { older }, now, window).map((y) => marketRegression(x!, y, weight, minimum));
      out.slope.set(
        found.map(({ slope }) => slope),
        t * assets,
      );
      out.residualDeviation.set(
        found.map(({ deviation }) => deviation),
        t * assets,
      );
      const raw = found.map(({ slope }) => slope);
      out.score.set(styleScores(raw, t, { universe, weights }, tail, weighting), t * assets);
    }
  },
  sample: ({ date = 0 }, random, { assets }) => sampleMarket(date, assets, random),
  golden: [
    {
      source:
        "numpy 2.4.6 linalg.lstsq of sqrt(w) times (1, market) over four dates, w = 2^(-age / 2), missing ones left out; clip at nanpercentile 10 and 90; scores (ddof 1)",
      inputs: {
        returns: numbers(`
          0.01 -0.02 0.03 0.005
          0.02 0.01 -0.01 0.0
          -0.03 0.015 0.02 0.01
          0.005 NaN -0.004 0.1
          0.01 0.01 0.01 0.01
          0.02 -0.01 0.03 -0.02
        `),
        market: [0.01, 0.005, -0.01, 0.02, Number.NaN, 0.015],
      },
      options: { assets: 4, window: 4, halfLife: 2, minimum: 3, tail: 0.1 },
      outputs: {
        slope: numbers(`
          NaN NaN NaN NaN
          NaN NaN NaN NaN
          2.48045258251252 -1.2395191310804488 -0.40084859221097424 -0.4001414320351625
          1.103685368915633 -1.2395191310804485 -0.6796683283343271 3.0173403931171667
          1.0804899512478854 NaN -0.7522713576142136 3.1458375184010134
          1.5030629602194812 NaN -0.3155893372839477 1.3045626804938164
        `),
        residualDeviation: numbers(`
          NaN NaN NaN NaN
          NaN NaN NaN NaN
          0.008346196063678623 0.008867833317658537 0.01564911761939742 0.0026081862698995695
          0.013009183274674922 0.008867833317658537 0.012428085220620142 0.02802375384005922
          0.013557775691146511 NaN 0.007508921921250376 0.022943928092709488
          0.009741626553972935 NaN 0.014027942237721023 0.04909779783202359
        `),
        score: numbers(`
          NaN NaN NaN NaN
          NaN NaN NaN NaN
          1.4551078892339127 -0.8284319269425652 -0.3136480251444184 -0.31302793714692906
          0.40116761338905665 -0.9315925959051774 -0.6914808896597149 1.2219058721758358
          -0.03975404210542543 NaN -0.9795301592808138 1.019284201386239
          0.6739703891967872 NaN -1.1489722239679818 0.47500183477119423
        `),
      },
      relative: 1e-12,
    },
  ],
  parity: [
    { dims: { date: 0 }, options: { assets: 3, window: 5 } },
    { dims: { date: 20 }, options: { assets: 1, window: 6, minimum: 4 } },
    { dims: { date: 40 }, options: { assets: 21, window: 12, halfLife: 4, minimum: 8 } },
    { dims: { date: 140 }, options: { assets: 18, window: 20, minimum: 5 }, without: ["universe", "weights"] },
  ],
  bench: [{ dims: { date: 504 }, options: { assets: 3_000 }, without: ["universe", "weights"], label: "3,000 assets, 252 of 504 dates" }],
  example: { assets: 4 },
});
