import { kernel } from "../../../core/call/kernel.js";
import { heLitterman, idzorek, idzorekConfident } from "../parts/black_litterman_golden.js";
import { asymmetry, definiteness } from "../parts/definite.js";
import { assetsParam, explainRiskModel, refuseRiskModel, riskModelInputs, riskModelNeeds, riskModelOf } from "../parts/risk_model.js";
import { asCovariance, asFactors, asReturns, sampleRisk } from "../parts/risk_sample.js";
import { joinViews, pushedBy, viewsOf } from "../parts/views.js";

const within = (relative: number, floor: number) => ({ f64: { relative, floor }, f32: { relative, floor } }) as const;

/** A sentence where not exactly one of `names` is given. */
function oneOf(given: ReadonlySet<string> | undefined, what: string, names: readonly string[]): string | undefined {
  const found = names.filter((name) => given?.has(name));
  if (given === undefined || found.length === 1) return undefined;
  const listed = names.map((name) => `'${name}'`).join(" or ");
  return found.length === 0
    ? `${what} is missing: give ${listed}`
    : `${found.map((name) => `'${name}'`).join(" and ")} both say ${what}: give one`;
}

/** Expected returns and their covariance from what the market holds and what an investor thinks. */
export const blackLitterman = kernel({
  name: "black_litterman",
  rows: "assets",
  doc:
    "Posterior mean and covariance of returns, of a prior N(pi, tau covariance) and views: views mean = viewReturns with errors of covariance Omega. pi is what makes the " +
    "market's weights optimal, riskAversion covariance marketWeights, or priorReturns. Omega is given whole or by its diagonal, or by a confidence of each view: that " +
    "share of the way from the prior to the view, were it the only one, is gone, which Omega = tau p covariance p' (1 / confidence - 1) does. The covariance of returns " +
    "is (1 + tau) covariance less the sum over views of reduction reduction'; of a factor model it is never formed. A view that is certain and follows from certain ones before it is " +
    "refused, and so is one that contradicts them, and one of a portfolio without risk.",
  source:
    "Black & Litterman (1992), Financ. Anal. J. 48(5); He & Litterman (1999), The Intuition Behind Black-Litterman Model Portfolios, eqs. 8 to 13; confidences: Idzorek (2005), " +
    "A Step-by-Step Guide to the Black-Litterman Model, in closed form: Walters (2014), SSRN 1314585",
  inputs: {
    ...riskModelInputs,
    views: {
      dtype: "f64",
      shape: ["view", "assets"],
      check: {},
      expects: "a portfolio that has risk: a view of one without is none of returns",
      unit: "ratio",
      doc: "a portfolio in each row, whose return the view says: 1 and -1 for one asset against another. NaN is refused",
    },
    viewReturns: {
      dtype: "f64",
      shape: ["view"],
      check: {},
      expects: "what the views before it imply, which are as certain: views that contradict each other cannot all be",
      unit: "ratio",
      doc: "return that each view expects, in the time unit of the risk model. NaN is refused",
    },
    viewVariance: {
      dtype: "f64",
      shape: ["view"],
      optional: true,
      check: { min: 0 },
      unit: "ratio^2",
      doc: "diagonal of Omega: variance of each view's error; 0: certain",
    },
    viewCovariance: {
      dtype: "f64",
      shape: ["view", "view"],
      optional: true,
      check: {},
      unit: "ratio^2",
      doc: "Omega: symmetric, positive semidefinite. NaN is refused",
    },
    confidence: {
      dtype: "f64",
      shape: ["view"],
      optional: true,
      check: { min: 0, max: 1 },
      unit: "ratio",
      doc: "in each view, 0 to 1; 1: certain, 0: left out",
    },
    marketWeights: {
      dtype: "f64",
      shape: ["assets"],
      optional: true,
      check: {},
      unit: "ratio",
      doc: "what the market holds. NaN is refused",
    },
    priorReturns: { dtype: "f64", shape: ["assets"], optional: true, check: {}, unit: "ratio", doc: "pi itself. NaN is refused" },
  },
  params: {
    assets: assetsParam,
    riskAversion: { type: "f64", above: 0, default: 2.5, doc: "of the market: expected return above cash over variance" },
    tau: { type: "f64", above: 0, default: 0.05, doc: "variance of the prior mean, in covariances of returns" },
  },
  outputs: {
    mean: { dtype: "f64", shape: ["assets"], unit: "ratio", doc: "posterior expected return" },
    prior: { dtype: "f64", shape: ["assets"], unit: "ratio", doc: "pi" },
    pull: { dtype: "f64", shape: ["view"], unit: "1 / ratio", doc: "of each view: mean = prior + tau covariance views' pull" },
    omega: { dtype: "f64", shape: ["view"], unit: "ratio^2", doc: "diagonal of Omega; infinite where the confidence is 0" },
    reduction: {
      dtype: "f64",
      shape: ["view", "assets"],
      unit: "ratio",
      doc: "rows whose outer products the views take off (1 + tau) covariance",
    },
    posterior: {
      dtype: "f64",
      shape: ["assets", "assets"],
      optional: "covariance",
      unit: "ratio^2",
      doc: "posterior covariance of returns, where the covariance was given whole",
    },
  },
  refuse: (_, __, given) =>
    refuseRiskModel(given) ??
    oneOf(given, "how sure the views are", ["viewVariance", "viewCovariance", "confidence"]) ??
    oneOf(given, "the prior", ["marketWeights", "priorReturns"]),
  explain(input, columns) {
    if (input !== "viewCovariance") return explainRiskModel(input, columns);
    const said = explainRiskModel("covariance", { covariance: columns.viewCovariance });
    return said && { ...said, why: said.why.replace("'covariance'", "'viewCovariance'") };
  },
  needs: riskModelNeeds,
  workspace: true,
  compare: {
    mean: within(1e-9, 1e-6),
    prior: within(1e-10, 1e-8),
    pull: within(1e-7, 1e-6),
    omega: within(1e-9, 0),
    reduction: within(1e-7, 1e-8),
    posterior: within(1e-9, 1e-10),
  },
  cost: ({ factor, period, view = 0 }, { assets }) => {
    const width = factor ?? Math.min(assets, period ?? assets);
    return { flops: assets * (2 * width ** 2 + view * (4 * width + 2 * view)), bytes: 8 * assets * (width + 3 * view) };
  },
  reference({ in: given, params: { assets: n, riskAversion, tau }, out, dims: { view = 0 } }) {
    const refused = (code: "badValue" | "notDefinite", input: string, row: number) => ({
      consumed: 0,
      produced: 0,
      refused: { code, input, row },
    });
    const model = riskModelOf(given, n);
    if ("refused" in model) return { consumed: 0, produced: 0, refused: model.refused };
    const { covariance } = model;
    const { views, viewReturns, viewVariance, viewCovariance, confidence, marketWeights, priorReturns } = given as {
      [K in keyof typeof given]: Float64Array;
    };
    if (viewCovariance && asymmetry(viewCovariance, view)) return refused("badValue", "viewCovariance", 0);
    if (viewCovariance && definiteness(viewCovariance, view) >= 0) return refused("notDefinite", "viewCovariance", 0);
    const pushed = pushedBy(views!, covariance, n);
    const risk = (k: number) => viewsOf(views!.subarray(k * n, (k + 1) * n), pushed.subarray(k * n, (k + 1) * n))[0]!;
    const alike = (k: number) =>
      covariance.reduce((sum, c, at) => (at % (n + 1) ? sum : sum + Math.abs(views![k * n + at / (n + 1)]!) * Math.sqrt(c)), 0);
    for (let k = 0; k < view; k++) if (!(risk(k) > 1e-14 * alike(k) ** 2)) return refused("badValue", "views", k * n);
    const omega = Float64Array.from({ length: view * view }, (_, at) => {
      const [k, l] = [Math.floor(at / view), at % view];
      if (viewCovariance) return viewCovariance[Math.max(k, l) * view + Math.min(k, l)]!;
      if (k !== l) return 0;
      return viewVariance ? viewVariance[k]! : tau * risk(k) * (1 / confidence![k]! - 1);
    });
    out.prior.set(priorReturns ?? pushedBy(marketWeights!, covariance, n).map((push) => riskAversion * push));
    const said = viewsOf(views!, out.prior as Float64Array);
    const joined = joinViews(views!, pushed, viewReturns.map((q, k) => q - said[k]!) as Float64Array, omega, tau, n);
    if ("refused" in joined) return { consumed: 0, produced: 0, refused: joined.refused };
    const { pull, reduction } = joined;
    for (let i = 0; i < n; i++) out.mean[i] = out.prior[i]! + pull.reduce((sum, x, k) => sum + tau * x * pushed[k * n + i]!, 0);
    out.pull.set(pull);
    out.reduction.set(reduction);
    for (let k = 0; k < view; k++) out.omega[k] = omega[k * view + k]!;
    for (let at = 0; at < (out.posterior?.length ?? 0); at++) {
      let sum = (1 + tau) * covariance[at]!;
      for (let k = 0; k < view; k++) sum -= reduction[k * n + Math.floor(at / n)]! * reduction[k * n + (at % n)]!;
      out.posterior![at] = sum;
    }
    return undefined;
  },
  sample: ({ factor, period, view = 2 }, random, { assets }, without) => {
    const views = Float64Array.from({ length: view * assets }, () => (random() < 2 / assets ? 1 : 0));
    for (let k = 0; k < view; k++) {
      views[k * assets + (k % assets)]! += 1.5;
      if (assets > 1 && k % 2 === 1) views[k * assets + ((k + 1) % assets)]! -= 1;
    }
    const noise = Float64Array.from({ length: view }, () => 1e-5 * (0.1 + random()));
    const ports = {
      viewReturns: Float64Array.from({ length: view }, () => 0.02 * (random() - 0.3)),
      viewVariance: noise,
      viewCovariance: Float64Array.from({ length: view * view }, (_, at) => {
        const [k, l] = [Math.floor(at / view), at % view];
        return (k === l ? 1 : 0.4) * Math.sqrt(noise[k]! * noise[l]!);
      }),
      confidence: Float64Array.from({ length: view }, (_, k) => (k % 4 === 3 ? 0 : 0.1 + 0.8 * random())),
      marketWeights: Float64Array.from({ length: assets }, () => random() / assets),
      priorReturns: Float64Array.from({ length: assets }, () => 0.01 * (random() - 0.2)),
    };
    const kept = Object.fromEntries(Object.entries(ports).filter(([name]) => !without.has(name))) as typeof ports;
    return { ...sampleRisk({ assets, factor, period }, random, without), views, ...kept };
  },
  golden: [...heLitterman, idzorek, idzorekConfident],
  parity: [
    { dims: { view: 5 }, options: { assets: 23 }, without: [...asCovariance, "viewCovariance", "confidence", "priorReturns"] },
    { dims: { view: 1 }, options: { assets: 1 }, without: [...asCovariance, "viewVariance", "confidence", "priorReturns"] },
    { dims: { view: 0 }, options: { assets: 4 }, without: [...asCovariance, "viewCovariance", "confidence", "priorReturns"] },
    {
      dims: { view: 7, factor: 5 },
      options: { assets: 30, tau: 0.3 },
      without: [...asFactors, "viewVariance", "viewCovariance", "marketWeights"],
    },
    { dims: { view: 4, period: 9 }, options: { assets: 21 }, without: [...asReturns, "viewVariance", "confidence", "marketWeights"] },
    {
      dims: { view: 9, period: 60 },
      options: { assets: 21, riskAversion: 4 },
      without: [...asReturns, "viewCovariance", "confidence", "priorReturns"],
    },
  ],
  bench: [
    {
      dims: { view: 20, factor: 100 },
      options: { assets: 10_000 },
      without: [...asFactors, "viewCovariance", "confidence", "priorReturns"],
      label: "10,000 assets, 100 factors, 20 views",
    },
    {
      dims: { view: 10 },
      options: { assets: 100 },
      without: [...asCovariance, "viewCovariance", "confidence", "priorReturns"],
      label: "100 assets, 10 views",
    },
  ],
  example: { assets: 4 },
});
