import type { Batch } from "../../bus/bus.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { bookRiskTopic, InstrumentRisk, instrumentRiskTopic } from "../../engines/risk/instrument_risk.js";
import { defineEngine, type Settings } from "../kit/engine.js";
import { holdingsTaken, pricesTaken } from "./taken.js";

const secondsPerYear = 365.25 * 86_400;

const options = {
  confidence: { type: "number", above: 0.5, max: 1 - 1e-12, default: 0.99, doc: "probability of a loss up to the VaR" },
  window: {
    type: "number",
    integer: true,
    min: 2,
    max: 1_000_000,
    default: 250,
    unit: "bars",
    doc: "returns that VaR and ES look back on",
  },
  barSeconds: {
    type: "number",
    min: 0,
    max: 864_000,
    default: 1,
    unit: "s",
    doc:
      "bars of event time whose last prices returns are made of; bars without a price are left out. 1 s with 250 bars knows its first VaR after " +
      "four minutes, 60 s after four hours. 0: from each price to the next",
  },
  decay: { type: "number", above: 0, max: 0.999999999, default: 0.94, doc: "of the volatility: weight of a bar over that of the next one" },
  periodsPerYear: {
    type: "number",
    above: 0,
    optional: true,
    unit: "bars/year",
    doc: "of the volatility: as many bars as a year of 365.25 days has, where left out; needed where barSeconds is 0",
  },
  limit: {
    type: "number",
    min: 0,
    optional: true,
    unit: "ratio",
    doc: "an alarm stands where the ES of an instrument is at or above it, too",
  },
  bookLimit: { type: "number", min: 0, optional: true, unit: "currency", doc: "the same for the ES of the book" },
} as const;
type Own = Settings<typeof options>;

function engineOptions({ name, options: { periodsPerYear, ...others }, instruments }: Own) {
  if (periodsPerYear === undefined && others.barSeconds === 0)
    throw new TickforgeError("E_OPTION_MISSING", `engine '${name}': option 'periodsPerYear' is missing: barSeconds is 0`, {
      ...{ option: "periodsPerYear", hint: "give how many prices a year has, or barSeconds, which it follows from" },
    });
  return { ...others, periodsPerYear: periodsPerYear ?? secondsPerYear / others.barSeconds, instruments: instruments.length };
}

export const risk = defineEngine({
  name: "risk",
  doc: "Rolling VaR, ES and volatility of each instrument and of the book that is held, alarms, and a back-test that runs along.",
  options,
  takes: () => ({ prices: pricesTaken, holdings: holdingsTaken }),
  gives: () => ({
    risk: { doc: "a row for each bar of an instrument, when it has ended", topic: instrumentRiskTopic() },
    book_risk: { doc: "a row for each bar in which any price came, where holdings are taken", topic: bookRiskTopic(), optional: true },
  }),
  stateBytes: (settings) => InstrumentRisk.stateBytes(engineOptions(settings)),
  begin({ state, gives, takes, ...settings }) {
    const books = takes.holdings && gives.book_risk;
    const engine = new InstrumentRisk({ ...engineOptions(settings), state }, gives.risk!, books);
    return {
      take: (port, batch, from) =>
        port === "prices" ? engine.take(batch as Batch<never>, from) : engine.takeHoldings(batch as Batch<never>, from),
    };
  },
});
