/** Options of the engine of market data, of all its sources. */
import type { EngineOption } from "../kit/options.js";

/** `live` is whatever `source` may be beside its other words. */
type Kind = "simulated" | "recording" | "file" | "live";
const only = <const O extends EngineOption>(is: readonly Kind[], option: O) => ({
  ...option,
  doc: `${is.join(", ")}: ${option.doc}`,
  where: { option: "source", is },
});

export const marketOptions = {
  source: {
    type: "text",
    values: ["simulated", "recording", "file"],
    pattern: ["^[A-Za-z0-9_-]+:[^,]+(,[A-Za-z0-9_-]+:[^,]+)*$", "venues live: binance:BTCUSDT,kraken:BTC/USD"],
    default: "simulated",
    doc: "where the market comes from",
  },
  url: only(["live"], {
    type: "text",
    optional: true,
    doc: "address of the WebSocket in place of the venue's own, such as ws://127.0.0.1:9000",
  }),
  rest: only(["live"], {
    type: "text",
    optional: true,
    doc: "address of the REST in place of the venue's own; that of `url` where only that is given",
  }),
  depth: only(["live"], { type: "flag", default: false, doc: "a topic of the changes of books, as the venue tells them" }),
  book: only(["live"], {
    ...{ type: "number", integer: true, min: 0, max: 1000, default: 0, unit: "levels" },
    doc: "a topic of so many best levels of books; 0: none",
  }),
  bookChanges: only(["live"], { type: "flag", default: false, doc: "a topic of what each change made of its book" }),
  speed: only(["simulated", "recording", "file"], {
    type: "number",
    min: 0,
    optional: true,
    doc: "seconds of the market a second of run time: 20 where it is simulated, else 1, as it was; 0: as fast as the topics take it",
  }),
  prices: {
    type: "text",
    values: ["trades", "changes", "none"],
    default: "trades",
    doc: "a price for each trade, for each that changes it, or no topic of prices",
  },
  file: only(["recording", "file"], { type: "file", optional: true, doc: "what is read" }),
  folder: only(["recording", "file"], { type: "file", optional: true, doc: "whose files are read, .tfr of recordings" }),
  unknown: only(["recording", "file"], {
    type: "text",
    values: ["refuse", "ignore"],
    default: "refuse",
    doc: "what becomes of rows of instruments that the system does not have",
  }),
  topics: only(["recording"], { type: "texts", default: [], doc: "those of the folder that are played; all where none is named" }),
  instrument: only(["file"], {
    type: "text",
    optional: true,
    doc: "the instrument of files that do not name theirs; the system's where it has one",
  }),
  onBad: only(["file"], { type: "text", values: ["stop", "skip"], default: "stop", doc: "what becomes of rows that cannot be read" }),
  loop: only(["recording"], { type: "flag", default: false, doc: "from the beginning again, with times that go on" }),
  burst: only(["simulated", "recording", "file"], {
    type: "number",
    above: 0,
    default: 1,
    doc: "so many times faster from burstFrom to burstTo: a drill",
  }),
  burstFrom: only(["simulated", "recording", "file"], {
    type: "number",
    min: 0,
    default: 0,
    unit: "s",
    doc: "run time at which the burst begins",
  }),
  burstTo: only(["simulated", "recording", "file"], {
    type: "number",
    min: 0,
    optional: true,
    unit: "s",
    doc: "run time at which it ends; never where left out",
  }),
  bursts: only(["simulated", "recording", "file"], {
    type: "number",
    integer: true,
    min: 1,
    default: 1,
    doc: "so many bursts of that length",
  }),
  burstEvery: only(["simulated", "recording", "file"], {
    type: "number",
    above: 0,
    optional: true,
    unit: "s",
    doc: "from the beginning of one of them to that of the next",
  }),
  seed: only(["simulated"], {
    type: "number",
    integer: true,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: 1,
    doc: "the same seed, the same bits",
  }),
  start: only(["simulated"], {
    type: "text",
    default: "2026-01-05T14:30:00Z",
    doc: "time of the market when it begins, ISO 8601 with its zone",
  }),
  seconds: only(["simulated"], {
    type: "number",
    above: 0,
    optional: true,
    unit: "s",
    doc: "ends after so long; without an end where left out",
  }),
  price: only(["simulated"], { type: "numbers", above: 0, default: 100, doc: "first price" }),
  ticksPerUnit: only(["simulated"], { type: "numbers", above: 0, default: 100, doc: "ticks in one unit of price" }),
  volatility: only(["simulated"], { type: "numbers", min: 0, default: 0.04, doc: "standard deviation of a day's log return" }),
  tradesPerSecond: only(["simulated"], { type: "numbers", above: 0, max: 1e8, default: 10, unit: "1/s", doc: "uninformed trades" }),
  quotes: only(["simulated", "live"], { type: "flag", default: true, doc: "a topic of quotes; trades are the same without it" }),
  quotesPerTrade: only(["simulated"], { type: "number", min: 0, default: 1, doc: "quotes between two trades beside the one after each" }),
  medianSize: only(["simulated"], { type: "numbers", above: 0, default: 1, doc: "half of the trades are smaller" }),
  lotsPerUnit: only(["simulated"], {
    type: "numbers",
    above: 0,
    default: 1024,
    doc: "lots in one unit of size; with a power of two sums of sizes are exact",
  }),
  episodesPerHour: only(["simulated"], {
    type: "number",
    min: 0,
    default: 6,
    unit: "1/h",
    doc: "stretches in which informed traders trade",
  }),
  episodeSeconds: only(["simulated"], { type: "number", above: 0, default: 150, unit: "s", doc: "their mean length" }),
  informedRate: only(["simulated"], { type: "number", min: 0, default: 1.5, doc: "informed trades in them for each uninformed one" }),
  episodeMove: only(["simulated"], { type: "number", min: 0, default: 0.004, doc: "what they move the price by, as a fraction" }),
  crashAfter: only(["simulated"], { type: "number", min: 0, default: 1200, unit: "s", doc: "time of the market until the flash crash" }),
  crashMove: only(["simulated"], {
    type: "number",
    min: 0,
    max: 0.9,
    default: 0.07,
    doc: "fall of the first instrument in it; 0: there is none",
  }),
} as const;
export type MarketOptions = typeof marketOptions;
