/** Which lines are drawn of a topic, told by its columns. */
import { expect, it } from "vitest";
import { messageTopic } from "../../../src/bus/routing/topology.js";
import { portfolioTopic, targetWeightsTopic } from "../../../src/engines/portfolio/portfolio_topics.js";
import { toxicityTopic } from "../../../src/engines/toxicity_engine.js";
import { tradesTopic } from "../../../src/engines/trades.js";
import { kindsOf, linesOf } from "../../../src/page/series/catalog.js";

const real = { dtype: "f64" } as const;
const features = messageTopic("features", {
  columns: { price: real, volume: real, trades: real, ofi: real, deep: { dtype: "f64", width: 3 }, flag: { dtype: "u8" } },
});
function drawn(...topics: readonly any[]): Record<string, string[]> {
  const kinds = kindsOf(topics);
  const words = (topic: any) => linesOf(topic, kinds.get(topic.name)!).map(({ panel, column }) => `${panel} ${column}`);
  return Object.fromEntries(topics.filter(({ name }) => kinds.has(name)).map((topic) => [topic.name, words(topic)]));
}

it("draws what is always drawn first, and lets every other number of a row be chosen", () => {
  const trades = tradesTopic({ rows: 8, slots: 2 });
  expect(drawn(trades, features, messageTopic("prices"), toxicityTopic({ rows: 8, slots: 2 }))).toEqual({
    trades: ["price price"],
    features: ["measure price", "measure volume", "measure trades", "measure ofi"],
    toxicity: ["toxicity vpin", "toxicity cdf", "measure imbalance"],
  });
});

it("draws losses beside their value at risk, where a topic has them", () => {
  const risk = messageTopic("risk");
  const { loss: _, price: __, ...less } = risk.columns;
  const drawnRisk = { risk: ["risk var", "risk es", "risk loss", "measure volatility"] };
  expect(drawn(risk)).toEqual(drawnRisk);
  expect(drawn({ ...risk, columns: less })).toEqual({ risk: ["risk var", "risk es", "measure volatility"] });
});

it("knows weights, solves, profit and equity, with and without a column of instruments", () => {
  const profit = { ...features, name: "gain", columns: { time: { dtype: "i64" }, instrument: { dtype: "u32" } } };
  for (const name of ["position", "realized", "unrealized", "profit", "fees"]) Object.assign(profit.columns, { [name]: real });
  const performance = { ...profit, name: "all", columns: { time: { dtype: "i64" }, equity: real, drawdown: real, profit: real } };
  expect(drawn(targetWeightsTopic(3), portfolioTopic(), profit, performance, messageTopic("orders"), messageTopic("holdings"))).toEqual({
    target_weights: ["weights weight"],
    portfolio: ["worth worth"],
    gain: ["gains profit", "gains realized", "gains unrealized", "measure position", "measure fees"],
    all: ["worth equity"],
  });
});
