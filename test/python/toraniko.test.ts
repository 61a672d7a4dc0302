/** toraniko's rows. Numbers: its tests where they have some, else its functions run with numpy 1.24 on the data below. */
import {
  crossSectionRank,
  exponentialWeights,
  factorReturns,
  forwardFill,
  ledoitWolf,
  momentum,
  neutralize,
  size,
  standardize,
  value,
  winsorize,
} from "../../src/index.js";
import { seeded } from "../../src/kernels/parts/sample.js";
import { eachRow } from "./kit/rows.js";
import { near, sampleReturns } from "./kit/sample.js";

const fill = (length: number, next: (i: number) => number) => Float64Array.from({ length }, (_, i) => next(i));
const [assets, sectors, styles] = [24, 3, 2];

/** One date. */
function crossSection() {
  const random = seeded(21);
  const returns = fill(assets, () => 0.06 * (random() - 0.48));
  const cap = fill(assets, () => 10 ** (1 + 3 * random()));
  const exposures = fill(styles * assets, () => random() + random() - 0.9);
  const weights = fill(assets, () => 1 + 3 * random());
  return { returns, cap, styles: exposures, sector: Int32Array.from({ length: assets }, (_, i) => i % sectors), weights };
}
const panel = () => {
  const random = seeded(22);
  return fill(400, () => 0.06 * (random() - 0.48));
};

eachRow("toraniko", {
  "`estimate_factor_returns(returns_df, mkt_cap_df, sector_df, style_df, winsor_factor, residualize_styles)`": () => {
    const { weights: _, ...given } = crossSection();
    const two = { assets, sectors, styles, mode: "two-stage" } as const;
    const found = factorReturns(given, two); // model.py factor_returns_cs after math.py winsorize
    near(
      found.factorReturns,
      [
        0.005857339134681107, -0.0008131577281440807, 0.0006389895946262406, 0.00017416813351784017, -0.017339357894000554,
        0.004143307259026231,
      ],
      1e-10,
    );
    near(found.residuals.subarray(0, 3), [-0.011168180643469758, -0.01873434551896339, -0.027914484273995285], 1e-11);
    near(
      factorReturns(given, { ...two, residualize: "no" }).factorReturns.subarray(4),
      [-0.016070348697698564, 0.010865463670659993],
      1e-10,
    );
    const raw = factorReturns(given, { ...two, winsorize: 0 }).factorReturns; // factor_returns_cs alone, or winsor_factor=None
    near(raw.subarray(3), [0.00019867714104777195, -0.017779313870453613, 0.004242839639663053], 1e-10);
    // One regression with weights of one's own: numpy linalg.lstsq on sqrt(w) times (1, sectors, styles) R, R = I and a last row (0, -1, -1).
    const joint = factorReturns(crossSection(), { assets, sectors, styles, lag: 0, constraint: "equal" }).factorReturns;
    near(
      joint,
      [
        0.0019312013868372573, 0.0009296625645085904, 0.0019202052781773795, -0.00284986784268597, 0.009618468008617074,
        -0.0006040168073988232,
      ],
      1e-10,
    );
  },
  "`factor_mom(returns_df, trailing_days, half_life, lag, winsor_factor)`": () => {
    const { score } = momentum({ returns: panel() }, { assets: 10, window: 20, halfLife: 10, lag: 5, tail: 0.1 });
    near(
      score.subarray(390),
      [
        -1.4112872058795864, -1.543384098316018, 0.5568192716315455, -0.16053944388433167, 1.2758359153636067, -0.5237616510741575,
        1.401737998840811, 0.5329709853520186, -0.32028187844029116, 0.19189010640640383,
      ],
      1e-11,
    );
    near(score.subarray(230, 240), new Array(10).fill(Number.NaN)); // date 23 has 19 returns that are 5 dates old
  },
  "`factor_sze(mkt_cap_df, lower_decile, upper_decile)`": () => {
    const cap = crossSection().cap.subarray(0, 10);
    const all = [
      0.40114639356120124, 1.2301202961395301, 0.19216947135699056, -1.7573813550190445, 0.9568039370289572, -1.0378489023485682,
      0.4862011974155262, -0.9250034087583904, -0.48478369667398574, 0.9385760672977805,
    ];
    near(size({ cap }, { assets: 10, lower: 0.5, upper: 0.5 }).score, all, 1e-11);
    const outer = [1, 3, 4, 5, 7, 9];
    near(
      size({ cap }, { assets: 10 }).score,
      all.map((z, i) => (outer.includes(i) ? z : 0)),
      1e-11,
    ); // 1.1: scores, then 0.2 and 0.8
    // Later versions set the middle of log(cap) to 0 first, and score that: the largest and smallest become one group.
    const logs = Float64Array.from(cap, Math.log).map((x, i) => (outer.includes(i) ? x : 0));
    const later = standardize({ values: logs }, { assets: 10 }).score;
    near(later.map((z) => -z).subarray(0, 4), [1.0007768165422126, 0.037226776789351414, 1.0007768165422126, -1.5459530774759007], 1e-11);
  },
  "`factor_val(value_df, winsor_factor)`": () => {
    const random = seeded(23);
    const bookPrice = fill(10, () => 10 ** (2 * random() - 1));
    const salesPrice = fill(10, () => 10 ** (2 * random() - 1));
    const cashFlowPrice = fill(10, () => random() - 0.3);
    const score = (tail: number) => value({ bookPrice, salesPrice, cashFlowPrice }, { assets: 10, tail }).score;
    near(score(0.05).subarray(0, 4), [0.8332160809213546, 1.7403667044436026, 0.3227318926313349, -0.5495349183408786], 1e-11);
    near(score(0).subarray(0, 4), [0.769161036366959, 1.7862542911717119, 0.38067527541259166, -0.5800870345835896], 1e-11);
  },
  "`winsorize(data, percentile)`, `winsorize_xsection`": () => {
    const inf = Number.POSITIVE_INFINITY;
    const values = Float64Array.of(1, 2, Number.NaN, 40, -30, inf, 5, 6, -inf, 3);
    const [low, high] = [-11.399999999999997, 19.600000000000012]; // numpy nanpercentile 10 and 90 of the finite values
    near(winsorize({ values }, { assets: 10, tail: 0.1 }).winsorized, [1, 2, Number.NaN, high, low, high, 5, 6, low, 3], 1e-13);
  },
  "`center_xsection(target_col, over_col, standardize)`": () => {
    const values = Float64Array.of(1, 2, 3, 4, 5, 6); // tests/test_math.py: groups of three
    near(neutralize({ values }, { assets: 3 }).residual, [-1, 0, 1, -1, 0, 1]);
    near(standardize({ values }, { assets: 3 }).score, [-1, 0, 1, -1, 0, 1]);
    near(neutralize({ values: Float64Array.of(1.5, 2.5, 5.5, 6.5, 9, 9) }, { assets: 2 }).residual, [-0.5, 0.5, -0.5, 0.5, 0, 0]);
  },
  "`exp_weights(window, half_life)`": () => {
    const { weight } = exponentialWeights({ age: Float64Array.of(4, 3, 2, 1, 0) }, { halfLife: 126 });
    near(weight, [0.9782356643334579, 0.9836319324441901, 0.9890579681360734, 0.9945139356168285, 1], 1e-14);
  },
  "`fill_features(df, features, sort_col, over_col)`": () => {
    const nan = Number.NaN; // tests/test_utils.py: feature1 and feature2 of groups A and B, where inf counts as missing
    const a = forwardFill({ values: Float64Array.of(1, nan, nan, 2, 3, nan) }, { assets: 2, limit: 3 }).filled;
    near(a, [1, nan, 1, 2, 3, 2]);
    const b = forwardFill({ values: Float64Array.of(nan, 4, 5, nan) }, { assets: 2, limit: 2 }).filled;
    near(b, [nan, 4, 5, 4]);
    near(forwardFill({ values: Float64Array.of(1, nan, nan) }, { assets: 1, limit: 1 }).filled, [1, 1, nan]);
  },
  "`top_n_by_group(df, n, rank_var, group_var, filter=False)`": () => {
    const top = (values: number[], n: number) => {
      const { rank } = crossSectionRank({ values: Float64Array.from(values) }, { assets: values.length });
      return Array.from(rank, (r) => (r > 1 - (n + 0.5) / (values.length + 1) ? 1 : 0));
    };
    near([...top([10, 20, 30], 2), ...top([15, 25, 35], 2), ...top([5, 15, 25], 2)], [0, 1, 1, 0, 1, 1, 0, 1, 1]); // tests/test_utils.py
  },
  "`ledoit_wolf_covariance(X)`": () => {
    near(ledoitWolf({ returns: sampleReturns() }, { assets: 4 }).shrinkage, [0.06307497297090832], 1e-11); // scikit-learn 1.2.1 ledoit_wolf
    near([toranikoWeight(sampleReturns(), 4)], [8.506091409434898], 1e-10); // math.py with numpy, before it is cut at 1
  },
});

/** The shrinkage of math.py ledoit_wolf_covariance before it is cut. */
function toranikoWeight(returns: Float64Array, m: number): number {
  const n = returns.length / m;
  const column = (j: number) => returns.filter((_, i) => i % m === j);
  const x = Array.from({ length: m }, (_, j) => column(j).map((v) => v - column(j).reduce((a, b) => a + b, 0) / n));
  let [squares, fourth, diagonal] = [0, 0, 0];
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) {
      const s = x[i]!.reduce((sum, v, t) => sum + v * x[j]![t]!, 0) / n;
      squares += s * s;
      fourth += x[i]!.reduce((sum, v, t) => sum + v * v * x[j]![t]! ** 2, 0);
      if (i === j) diagonal += s * s;
    }
  return ((n / (n - 1) ** 2) * (fourth - squares)) / n / ((squares - diagonal / n) / n);
}
