/** Topics of portfolios: a risk model of many assets in, weights with their proof and orders out. */
import type { Topic } from "../../bus/bus.js";
import { topic } from "../../bus/frame.js";
import { messages, widened } from "../../bus/routing/message_types.js";

/** A model a row: loadings [asset][factor], covariance of the factor returns, specific volatility; NaN for an asset that is not in it. */
export const riskModelTopic = (options: { assets: number; factors: number; slots?: number; symbols?: readonly string[] }): Topic => {
  const { columns, rows, ...usual } = messages.risk_model;
  const { assets, factors, slots = usual.slots, symbols } = options;
  const widths = { loading: assets * factors, covariance: factors * factors, specific: assets };
  return topic({ name: "risk_model", columns: widened(columns, widths), rows, slots, backpressure: "block", ...(symbols && { symbols }) });
};

const { portfolio, target_weights: weights, orders } = messages;
export type PortfolioColumns = typeof portfolio.columns;
export type TargetColumns = typeof weights.columns;

/** A row for each time that weights were asked for, answered or not. */
export const portfolioTopic = (): Topic<PortfolioColumns> =>
  topic({ name: "portfolio", columns: portfolio.columns, rows: portfolio.rows, slots: portfolio.slots, backpressure: "block" });

/** A row for each asset, behind the row of `portfolio` of the same `solve`. */
export const targetWeightsTopic = (assets: number): Topic<TargetColumns> =>
  topic({
    ...{ name: "target_weights", columns: weights.columns, rows: Math.min(4096, Math.max(weights.rows, assets)) },
    ...{ slots: weights.slots, backpressure: "block" },
  });

/** Orders, and beside them the price that they were made at, what they are to cost, and the `solve` that they belong to. */
const orderColumns = { ...orders.columns, decision: { dtype: "f64" }, cost: { dtype: "f64" }, solve: { dtype: "f64" } } as const;
export type OrderColumns = typeof orderColumns;
export const portfolioOrdersTopic = (): Topic<OrderColumns> =>
  topic({ name: "orders", columns: orderColumns, rows: orders.rows, slots: orders.slots, backpressure: "block" });
