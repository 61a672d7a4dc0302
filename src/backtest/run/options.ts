/** What is asked of a back-test, checked before a file is opened. */

import { needArray, needObject } from "../../core/contract/arguments.js";
import { didYouMean, TickforgeError } from "../../core/contract/errors.js";
import { said } from "../../core/contract/given.js";
import { type MarginOptions, marginTerms } from "../account/margin_terms.js";
import type { CostOptions } from "../costs/costs.js";
import type { DelayOption } from "../latency/delay.js";
import type { FeedOption } from "../latency/feed.js";

/** How something is traded: of the run, of a venue, or of an instrument. */
export interface TradeTerms {
  /** What moves an own order up its queue: `risk_averse` (default) and `power` need a book, `exact` orders by id, `trades` nothing but trades. */
  readonly queue?: "risk_averse" | "power" | "exact" | "trades";
  /** Of `power`; default 3. */
  readonly power?: number;
  /** How long a request takes to the venue, an answer back, the market to the trader; default 0. */
  readonly latency?: { readonly entry?: DelayOption; readonly answer?: DelayOption; readonly feed?: FeedOption };
  /** Of the value of fills, or a table by name; more by `costs`. */
  readonly fees?: CostOptions["fees"];
  readonly costs?: Omit<CostOptions, "fees">;
}

export interface InstrumentTerms extends TradeTerms {
  /** Deduced from the decimals of what was recorded where they are not given; both or none. */
  readonly tick?: number;
  readonly lot?: number;
  /** One of `venues`. */
  readonly venue?: string;
}

export interface BacktestOptions extends TradeTerms {
  /** Of the strategy, by name; the others have their defaults. */
  readonly params?: Readonly<Record<string, number | string>>;
  /** What returns are shares of, in currency; default 1,000,000. */
  readonly capital?: number;
  /** Of the bars whose returns are measured; default 60. */
  readonly barSeconds?: number;
  /** ns UTC: the strategy begins at `from`, with books built from the rows before it; rows from `to` on are not read. */
  readonly from?: bigint;
  readonly to?: bigint;
  /** `seed`: which random numbers delays are drawn by, where they are measured ones; default 0. */
  readonly latency?: TradeTerms["latency"] & { readonly seed?: number };
  /** By name: terms of instruments, over those of their venues, over those of the run. */
  readonly instruments?: Readonly<Record<string, InstrumentTerms>>;
  readonly venues?: Readonly<Record<string, TradeTerms>>;
  /** One account of `capital` bears all positions; what it cannot open is rejected, what it cannot hold is closed out. Without it nobody asks. */
  readonly margin?: MarginOptions;
  /** A hook that takes longer is ended, and the run with it; default 60. */
  readonly timeLimitSeconds?: number;
  readonly signal?: AbortSignal;
  /** Rows done, of how many where that is known, and seconds since the start. */
  readonly progress?: (rows: number, ofRows: number | undefined, seconds: number) => void;
}

const names = [
  ...["params", "capital", "barSeconds", "from", "to", "queue", "power", "latency", "fees", "costs", "instruments", "venues", "margin"],
  ...["timeLimitSeconds", "signal", "progress"],
];
const queues = ["risk_averse", "power", "exact", "trades"];

const wrong = (option: string, value: unknown, expected: string) =>
  new TickforgeError("E_OPTION_RANGE", `backtest: ${option} is ${said(value)}, expected ${expected}`, {
    option,
    value,
    hint: `pass ${expected}`,
  });

function above(option: string, value: number | undefined, standard: number): number {
  if (value === undefined) return standard;
  if (!(typeof value === "number" && value > 0 && Number.isFinite(value))) throw wrong(option, value, "a number above 0");
  return value;
}

const costNames = ["volumeBefore", "funding", "borrow", "orderRate", "selfTrade", "impact"];
const termNames = ["queue", "power", "latency", "fees", "costs"];

function knownNames(what: string, of: object, known: readonly string[]): void {
  needObject(what, of);
  for (const name of Object.keys(of)) {
    if (known.includes(name)) continue;
    const near = didYouMean(name, known);
    throw new TickforgeError("E_OPTION_UNKNOWN", `${what}: no option is called '${name}'${near ? `: did you mean '${near}'?` : ""}`, {
      option: name,
      hint: `options are ${known.join(", ")}`,
    });
  }
}

/** Of the run, a venue or an instrument. */
function checkTerms(at: string, { queue = "risk_averse", power, latency = {}, costs = {} }: TradeTerms): void {
  if (!queues.includes(queue)) throw wrong(`${at}queue`, queue, `one of ${queues.join(", ")}`);
  above(`${at}power`, power, 3);
  knownNames(`backtest: ${at}costs`, costs, costNames);
  knownNames(`backtest: ${at}latency`, latency, at === "" ? ["entry", "answer", "feed", "seed"] : ["entry", "answer", "feed"]);
}

function checkInstrument(name: string, own: InstrumentTerms, venues: Readonly<Record<string, TradeTerms>>): void {
  const at = `instruments.${name}.`;
  knownNames(`backtest: instruments.${name}`, own, ["tick", "lot", "venue", ...termNames]);
  checkTerms(at, own);
  const { tick, lot, venue } = own;
  if (tick !== undefined || lot !== undefined) {
    above(`${at}tick`, tick ?? Number.NaN, 1);
    above(`${at}lot`, lot ?? Number.NaN, 1);
  }
  if (venue === undefined || Object.hasOwn(venues, venue)) return;
  const near = didYouMean(String(venue), Object.keys(venues));
  throw wrong(
    `${at}venue`,
    venue,
    near ? `one of venues, such as '${near}'` : `one of venues: ${Object.keys(venues).join(", ") || "there is none"}`,
  );
}

export function checkBacktest(files: readonly string[], options: BacktestOptions) {
  needArray("backtest: files", files);
  knownNames("backtest", options, names);
  if (files.length === 0 || !files.every((file) => typeof file === "string")) throw wrong("files", files, "the paths of one file or more");
  const { latency = {}, from, to, instruments = {}, venues = {} } = options;
  checkTerms("", options);
  const { seed = 0 } = latency;
  if (!(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)) throw wrong("latency.seed", seed, "a whole number from 0 to 4294967295");
  for (const [option, value] of Object.entries({ from, to }))
    if (value !== undefined && typeof value !== "bigint") throw wrong(option, value, "ns UTC as a bigint");
  if (from !== undefined && to !== undefined && from >= to) throw wrong("to", to, `a time after from, ${from}`);
  needObject("backtest: venues", venues);
  needObject("backtest: instruments", instruments);
  for (const [name, own] of Object.entries(venues)) {
    knownNames(`backtest: venues.${name}`, own, termNames);
    checkTerms(`venues.${name}.`, own);
  }
  for (const [name, own] of Object.entries(instruments)) checkInstrument(name, own, venues);
  return {
    ...{ from, to, margin: options.margin && marginTerms(options.margin) },
    capital: above("capital", options.capital, 1e6),
    barSeconds: above("barSeconds", options.barSeconds, 60),
    timeLimitMs: 1000 * above("timeLimitSeconds", options.timeLimitSeconds, 60),
  };
}

export type Checked = ReturnType<typeof checkBacktest>;
