import type { Batch } from "../../bus/bus.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { PortfolioEngine, type PortfolioOptions } from "../../engines/portfolio/portfolio_engine.js";
import { portfolioOrdersTopic, portfolioTopic, targetWeightsTopic } from "../../engines/portfolio/portfolio_topics.js";
import { hasBounds, objectives } from "../../engines/portfolio/weight_solver.js";
import { defineEngine, type Settings } from "../kit/engine.js";
import { alarmsTaken, holdingsTaken, pricesTaken, riskModelTaken, signalsTaken } from "./taken.js";

/** A covariance of all pairs of more assets than these is no estimate any more, and takes too much memory. */
const MOST_BY_PRICES = 2000;

const seconds = { type: "number", min: 0, max: 86_400_000, unit: "s" } as const;
const limit = { type: "number", min: 0, optional: true, unit: "ratio" } as const;
const count = { type: "number", integer: true, max: 1_000_000 } as const;

const options = {
  objective: {
    type: "text",
    values: objectives,
    default: "minimum_variance",
    doc: "what the weights are to be: least variance; least variance and cost for their expected return; the same share of risk each; by 1 / volatility",
  },
  riskAversion: { type: "number", above: 0, default: 1, doc: "of mean_variance: weight of half the variance against expected return" },
  budget: { type: "number", default: 1, unit: "ratio", doc: "what weights add up to; 1 where the objective has no bounds" },
  lower: { type: "numbers", default: 0, unit: "ratio", doc: "least weight, below 0 for short ones, of objectives that have bounds" },
  upper: { type: "numbers", default: 1, unit: "ratio", doc: "largest weight, of objectives that have bounds" },
  turnoverLimit: { ...limit, doc: "of objectives with bounds: most that is bought and sold at once, but for the first weights" },
  grossLimit: { ...limit, doc: "of objectives with bounds: largest sum of sizes of weights" },
  shortLimit: { ...limit, doc: "of objectives with bounds: largest sum of sizes of weights below 0" },
  tolerance: { type: "number", min: 1e-12, max: 1e-2, default: 1e-8, doc: "gap and residual at which weights are solved" },
  maxIterations: { ...count, max: 100_000, min: 1, default: 500, doc: "steps of the solver at most; then the weights before stay" },
  factors: {
    ...count,
    min: 0,
    max: 500,
    default: 0,
    doc: "factors of the topic risk_model, whose assets are the instruments in their order; 0: the covariance is made of prices",
  },
  estimator: {
    type: "text",
    values: ["ledoit_wolf", "sample", "exponential"],
    default: "ledoit_wolf",
    doc: "of the covariance of prices: drawn to constant correlation, as it is, or younger returns weigh more",
  },
  window: { ...count, min: 2, default: 250, unit: "bars", doc: "of prices: returns that the covariance looks back on" },
  halfLife: {
    type: "number",
    above: 0,
    max: 1e8,
    optional: true,
    unit: "bars",
    doc: "of exponential: age at which a return counts half; a quarter of window where left out",
  },
  barSeconds: {
    type: "number",
    above: 0,
    max: 864_000,
    default: 1,
    unit: "s",
    doc: "bars of event time whose last prices returns are made of; risk and expected returns are of one bar",
  },
  interval: { ...seconds, default: 60, doc: "event time between weights while prices come; 0: only with each model, and on alarms" },
  alarmShare: {
    type: "number",
    min: 0,
    max: 1,
    optional: true,
    unit: "ratio",
    doc:
      "an instrument keeps at most so much of the weight that it had when its alarm began, and none of it is bought, while the alarm stands. Left out: " +
      "0.5, or 0 where the objective has no bounds",
  },
  alarms: { type: "flag", default: true, doc: "whether alarms count: weights are found anew when one begins" },
  alarmInterval: {
    ...seconds,
    default: 0.1,
    doc: "event time between weights because of alarms: those that begin in it are answered together",
  },
  capital: {
    type: "number",
    min: 0,
    default: 1_000_000,
    unit: "currency",
    doc: "cash at the start, which orders are made with; 0: weights alone",
  },
  lot: { type: "numbers", min: 0, default: 1, unit: "units", doc: "orders are multiples of this; 0: any fraction" },
  minimumTrade: { type: "numbers", min: 0, default: 0, unit: "currency", doc: "orders of less money are left out" },
  costRate: { type: "numbers", min: 0, max: 0.5, default: 0, unit: "ratio", doc: "cost of trading as a share of the money traded" },
  costHorizon: {
    type: "number",
    above: 0,
    default: 1,
    doc: "of mean_variance: periods of the risk model that the cost of a trade is spread over: about as long as a weight is held",
  },
  staleSeconds: { ...seconds, default: 0, doc: "an instrument is not traded at a price older than this; 0: at any" },
} as const;
type Own = Settings<typeof options>;

function engineOptions({ name, options: { alarms, alarmShare, ...own }, instruments }: Own): PortfolioOptions {
  const { objective, lower, upper, factors, budget } = own;
  const refuse = (option: string, value: unknown, what: string, hint: string) =>
    new TickforgeError("E_OPTION_RANGE", `engine '${name}': option '${option}' ${what}`, { option, value, hint });
  const crossed = lower.findIndex((low, i) => low > upper[i]!);
  if (crossed >= 0)
    throw refuse(
      "lower",
      lower[crossed],
      `is ${lower[crossed]} for ${instruments[crossed]}, above upper, ${upper[crossed]}`,
      "exchange them",
    );
  if (factors === 0 && instruments.length > MOST_BY_PRICES)
    throw refuse(
      "factors",
      0,
      `is 0 with ${instruments.length} instruments`,
      `above ${MOST_BY_PRICES} give a risk model: a topic risk_model, and factors`,
    );
  if (!hasBounds(objective)) {
    const limits = { turnoverLimit: own.turnoverLimit, grossLimit: own.grossLimit, shortLimit: own.shortLimit };
    const unfit =
      Object.entries(limits).find(([, value]) => value !== undefined)?.[0] ??
      (lower.some((low) => low !== 0) ? "lower" : upper.some((high) => high !== 1) ? "upper" : budget !== 1 ? "budget" : undefined);
    if (unfit) throw refuse(unfit, undefined, `says nothing where objective is '${objective}', which has no bounds`, "leave it out");
    if ((alarmShare ?? 0) !== 0)
      throw refuse(
        "alarmShare",
        alarmShare,
        `is ${alarmShare} where objective is '${objective}', which leaves an instrument out or not`,
        "0, or alarms: false",
      );
  }
  return { ...own, assets: instruments, alarmShare: alarms ? (alarmShare ?? (hasBounds(objective) ? 0.5 : 0)) : undefined };
}

export const portfolio = defineEngine({
  name: "portfolio",
  doc:
    "Target weights with a proof of how good they are, and orders to get there, of a factor model or of the prices of a few instruments; found anew " +
    "at once when an alarm begins.",
  options,
  takes(settings) {
    const { factors, objective } = settings.options;
    return {
      prices: factors > 0 ? { ...pricesTaken, optional: true } : pricesTaken,
      ...(factors > 0 && { risk_model: riskModelTaken({ assets: settings.instruments.length, factors }) }),
      signals: objective === "mean_variance" ? signalsTaken : { ...signalsTaken, optional: true },
      toxicity: alarmsTaken,
      holdings: holdingsTaken,
    };
  },
  gives: ({ instruments }) => ({
    portfolio: {
      doc: "a row for each time that weights were asked for: how they were found, or why those before stay",
      topic: portfolioTopic(),
    },
    target_weights: { doc: "a row for each instrument, where weights were found", topic: targetWeightsTopic(instruments.length) },
    orders: {
      doc: "what is bought and sold to get there; those of a later solve take the place of all before",
      topic: portfolioOrdersTopic(),
      optional: true,
    },
  }),
  stateBytes: (settings) => PortfolioEngine.stateBytes(engineOptions(settings)),
  begin({ state, gives, takes, log, ...settings }) {
    const own = engineOptions(settings);
    const { symbols } = takes.risk_model ?? {};
    const other = own.assets.findIndex((asset, i) => symbols && symbols.size > 0 && symbols.at(i) !== asset);
    if (other >= 0)
      throw new TickforgeError(
        "E_ENGINE",
        `engine '${settings.name}': asset ${other} of topic risk_model is '${symbols!.at(other)}', instrument ${other} is '${own.assets[other]}'`,
        {
          hint: "list the instruments of the system in the order of the model's assets",
        },
      );
    const outputs = { portfolio: gives.portfolio!, weights: gives.target_weights!, orders: gives.orders };
    const told = { prices: takes.prices !== undefined, holdings: takes.holdings !== undefined, signals: takes.signals !== undefined, log };
    const engine = new PortfolioEngine({ ...own, state }, told, outputs as never);
    return { take: (port, batch, from) => engine.take(port, batch as Batch, from) };
  },
});
