import type { Batch } from "../../bus/bus.js";
import { performanceTopic, profitTopic, TradingResults } from "../../engines/analytics/trading_results.js";
import { defineEngine, type Settings } from "../kit/engine.js";
import { fillsTaken, pricesTaken } from "./taken.js";

const secondsPerYear = 365.25 * 86_400;

const options = {
  capital: {
    type: "number",
    above: 0,
    default: 1_000_000,
    unit: "currency",
    doc: "equity at the start, which returns and contributions are of",
  },
  barSeconds: {
    type: "number",
    above: 0,
    max: 864_000,
    default: 1,
    unit: "s",
    doc: "bars of event time at whose ends profit is told and returns are taken; bars without any row are left out",
  },
  periodsPerYear: {
    type: "number",
    above: 0,
    optional: true,
    unit: "bars/year",
    doc: "of volatility and Sharpe ratio: as many bars as a year of 365.25 days has, where left out",
  },
} as const;
type Own = Settings<typeof options>;

const engineOptions = ({ options: { capital, barSeconds, periodsPerYear = secondsPerYear / barSeconds }, instruments }: Own) => ({
  ...{ capital, barSeconds, periodsPerYear },
  instruments: instruments.length,
});

export const analytics = defineEngine({
  name: "analytics",
  doc:
    "Profit of what was traded, by average cost: realized, unrealized and fees of each instrument and of all, equity, drawdown, Sharpe ratio over a " +
    "riskless rate of 0, and what fills were worse by than the price at decision, or the last price before them.",
  options,
  takes: () => ({ fills: fillsTaken, prices: pricesTaken }),
  gives: () => ({
    profit: {
      doc: "a row for each bar of an instrument that had a price or a fill in it; profits add up to that of all",
      topic: profitTopic(),
    },
    performance: { doc: "a row for each bar", topic: performanceTopic() },
  }),
  stateBytes: (settings) => TradingResults.stateBytes(engineOptions(settings)),
  begin({ state, gives, ...settings }) {
    const engine = new TradingResults({ ...engineOptions(settings), state }, gives.profit!, gives.performance!);
    return {
      take: (port, batch, from) =>
        port === "fills" ? engine.takeFills(batch as Batch<never>, from) : engine.takePrices(batch as Batch<never>, from),
    };
  },
});
