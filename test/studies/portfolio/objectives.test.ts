/** Every objective of the table, on its own terms: what is smallest, equal or held between bounds. */
import { describe, expect, it } from "vitest";
import "../../../src/index.js";
import { estimateAt } from "../../../src/studies/portfolio/estimate.js";
import { marketOf } from "../../../src/studies/portfolio/market.js";
import { objectiveNamed, objectives } from "../../../src/studies/portfolio/objectives.js";
import { riskModelNamed, riskModels } from "../../../src/studies/portfolio/risk_models.js";
import { madePrices } from "./made_prices.js";

const assets = 12;
const estimate = estimateAt(marketOf(madePrices(200, assets, 3), true), 190, 120);
const known = (model: string, lower = 0, upper = 1) => ({
  risk: riskModelNamed(model, assets).of(estimate, { factors: 3 }),
  returns: estimate.returns,
  expected: () => estimate.mean,
  riskFree: 0,
  riskAversion: 30,
  lower,
  upper,
  limits: { short: 0, turnover: undefined, tradeCost: 0 },
  held: new Float64Array(assets),
});
const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);

describe.each(objectives.map(({ name }) => name))("%s", (name) => {
  it.each(riskModels.map((one) => one.name))("with %s gives weights of 0 or more that sum to 1", (model) => {
    const { weights, trouble } = objectiveNamed(name).weigh(known(model));
    expect(trouble).toBeUndefined();
    expect(sum(weights)).toBeCloseTo(1, 9);
    expect(Math.min(...weights)).toBeGreaterThanOrEqual(-1e-9);
    expect(weights.length).toBe(assets);
  });
});

it.each(objectives.filter(({ bounded }) => bounded).map(({ name }) => name))("%s holds bounds", (name) => {
  const { weights } = objectiveNamed(name).weigh(known("ledoit_wolf", 0.02, 0.12));
  expect(Math.min(...weights)).toBeGreaterThan(0.02 - 1e-9);
  expect(Math.max(...weights)).toBeLessThan(0.12 + 1e-9);
});

describe("each is what its name says, against every other", () => {
  const model = known("ledoit_wolf");
  const all = objectives.map(({ name, weigh }) => ({ name, weights: weigh(model).weights }));
  const least = (of: (weights: Float64Array) => number) => all.reduce((a, b) => (of(b.weights) < of(a.weights) - 1e-12 ? b : a)).name;

  it("minimum_cvar has the least mean loss of the six worst of 120 periods", () => {
    const shortfall = (weights: Float64Array) => {
      const losses = Float64Array.from({ length: 120 }, (_, t) => -sum(weights.map((w, i) => w * estimate.returns[t * assets + i]!)));
      return sum(losses.sort().slice(-6)) / 6;
    };
    expect(least(shortfall)).toBe("minimum_cvar");
  });

  it("minimum_variance has the least variance", () => {
    expect(least((weights) => sum(weights.map((w, i) => w * model.risk.times(weights)[i]!)))).toBe("minimum_variance");
  });

  it("mean_variance has the most mean return less 15 times the variance", () => {
    const { times } = model.risk;
    const worth = (w: Float64Array) => sum(w.map((x, i) => x * (estimate.mean[i]! - 15 * times(w)[i]!)));
    expect(least((w) => -worth(w))).toBe("mean_variance");
  });

  it("maximum_sharpe has the most mean return for its volatility", () => {
    const { times } = model.risk;
    const ratio = (w: Float64Array) => sum(w.map((x, i) => x * estimate.mean[i]!)) / Math.sqrt(sum(w.map((x, i) => x * times(w)[i]!)));
    expect(least((w) => -ratio(w))).toBe("maximum_sharpe");
  });

  it("maximum_diversification has the most mean volatility of its assets for its own", () => {
    const { times, variance } = model.risk;
    const ratio = (w: Float64Array) =>
      sum(w.map((x, i) => x * Math.sqrt(variance[i]!))) / Math.sqrt(sum(w.map((x, i) => x * times(w)[i]!)));
    expect(least((w) => -ratio(w))).toBe("maximum_diversification");
  });

  it("equal_risk_contribution has the shares of risk that are most alike", () => {
    const spread = (weights: Float64Array) => {
      const parts = weights.map((w, i) => w * model.risk.times(weights)[i]!);
      return Math.max(...parts) / Math.min(...parts);
    };
    expect(least(spread)).toBe("equal_risk_contribution");
  });
});
