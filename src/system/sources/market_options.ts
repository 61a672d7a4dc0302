/** Options of the engine of market data, of all its sources. */

export const marketOptions = {
  source: { type: "text", values: ["simulated"], default: "simulated", doc: "where the market comes from" },
  speed: {
    type: "number",
    min: 0,
    default: 20,
    doc: "seconds of the market a second of run time: 1 as it was, 0 as fast as the topics take it",
  },
  prices: {
    type: "text",
    values: ["trades", "changes", "none"],
    default: "trades",
    doc: "a price for each trade, for each that changes it, or no topic of prices",
  },
  seed: { type: "number", integer: true, min: 0, max: Number.MAX_SAFE_INTEGER, default: 1, doc: "simulated: the same seed, the same bits" },
  start: { type: "text", default: "2026-01-05T14:30:00Z", doc: "simulated: time of the market when it begins, ISO 8601 with its zone" },
  seconds: { type: "number", above: 0, optional: true, unit: "s", doc: "simulated: ends after so long; without an end where left out" },
  price: { type: "numbers", above: 0, default: 100, doc: "simulated: first price" },
  ticksPerUnit: { type: "numbers", above: 0, default: 100, doc: "simulated: ticks in one unit of price" },
  volatility: { type: "numbers", min: 0, default: 0.04, doc: "simulated: standard deviation of a day's log return" },
  tradesPerSecond: { type: "numbers", above: 0, max: 1e8, default: 10, unit: "1/s", doc: "simulated: uninformed trades" },
  quotesPerTrade: { type: "number", min: 0, default: 1, doc: "simulated: quotes between two trades beside the one after each" },
  medianSize: { type: "numbers", above: 0, default: 1, doc: "simulated: half of the trades are smaller" },
  lotsPerUnit: { type: "numbers", above: 0, default: 1000, doc: "simulated: lots in one unit of size" },
  episodesPerHour: { type: "number", min: 0, default: 6, unit: "1/h", doc: "simulated: stretches in which informed traders trade" },
  episodeSeconds: { type: "number", above: 0, default: 150, unit: "s", doc: "simulated: their mean length" },
  informedRate: { type: "number", min: 0, default: 1.5, doc: "simulated: informed trades in them for each uninformed one" },
  episodeMove: { type: "number", min: 0, default: 0.004, doc: "simulated: what they move the price by, as a fraction" },
  crashAfter: { type: "number", min: 0, default: 1200, unit: "s", doc: "simulated: time of the market until the flash crash" },
  crashMove: { type: "number", min: 0, max: 0.9, default: 0.07, doc: "simulated: fall of the first instrument in it; 0: there is none" },
} as const;
export type MarketOptions = typeof marketOptions;
