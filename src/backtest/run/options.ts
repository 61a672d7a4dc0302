/** What is asked of a back-test, checked before a file is opened. */

import { needArray, needObject } from "../../core/contract/arguments.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { said } from "../../core/contract/given.js";
import type { CostOptions } from "../costs/costs.js";

export interface BacktestOptions {
  /** Of the strategy, by name; the others have their defaults. */
  readonly params?: Readonly<Record<string, number | string>>;
  /** What returns are shares of, in currency; default 1,000,000. */
  readonly capital?: number;
  /** Of the bars whose returns are measured; default 60. */
  readonly barSeconds?: number;
  /** ns UTC: the strategy begins at `from`, with books built from the rows before it; rows from `to` on are not read. */
  readonly from?: bigint;
  readonly to?: bigint;
  /** What moves an own order up its queue: `risk_averse` (default) and `power` need a book, `exact` orders by id, `trades` nothing but trades. */
  readonly queue?: "risk_averse" | "power" | "exact" | "trades";
  /** Of `power`; default 3. */
  readonly power?: number;
  /** ns: of a request to the venue, of an answer back, of the market to the trader; default 0. */
  readonly latency?: { readonly entry?: number; readonly answer?: number; readonly feed?: number };
  /** Of the value of fills, or a table by name; more by `costs`. */
  readonly fees?: CostOptions["fees"];
  readonly costs?: Omit<CostOptions, "fees">;
  /** Ticks and lots by name; deduced from the decimals of what was recorded where they are not given. */
  readonly instruments?: Readonly<Record<string, { readonly tick: number; readonly lot: number }>>;
  /** A hook that takes longer is ended, and the run with it; default 60. */
  readonly timeLimitSeconds?: number;
  readonly signal?: AbortSignal;
  /** Rows done, of how many where that is known, and seconds since the start. */
  readonly progress?: (rows: number, ofRows: number | undefined, seconds: number) => void;
}

const names = [
  ...["params", "capital", "barSeconds", "from", "to", "queue", "power", "latency", "fees", "costs", "instruments"],
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

/** What a run does not hold to is refused, so that no figure is one of other terms than were asked for. */
function refuseUnheld({ latency }: BacktestOptions): void {
  if (latency?.feed) throw wrong("latency.feed", latency.feed, "0: rows are told when they happen");
}

export function checkBacktest(files: readonly string[], options: BacktestOptions) {
  needArray("backtest: files", files);
  needObject("backtest: options", options);
  if (files.length === 0 || !files.every((file) => typeof file === "string")) throw wrong("files", files, "the paths of one file or more");
  for (const name of Object.keys(options))
    if (!names.includes(name))
      throw new TickforgeError("E_OPTION_UNKNOWN", `backtest: no option is called '${name}'`, {
        option: name,
        hint: `options are ${names.join(", ")}`,
      });
  const { queue = "risk_averse", latency = {}, from, to, instruments = {} } = options;
  if (!queues.includes(queue)) throw wrong("queue", queue, `one of ${queues.join(", ")}`);
  const delay = (option: "entry" | "answer" | "feed"): bigint => {
    const value = latency[option] ?? 0;
    if (!(Number.isInteger(value) && value >= 0 && value <= 2 ** 53)) throw wrong(`latency.${option}`, value, "whole ns, 0 or more");
    return BigInt(value);
  };
  for (const [option, value] of Object.entries({ from, to }))
    if (value !== undefined && typeof value !== "bigint") throw wrong(option, value, "ns UTC as a bigint");
  if (from !== undefined && to !== undefined && from >= to) throw wrong("to", to, `a time after from, ${from}`);
  refuseUnheld(options);
  for (const [name, grid] of Object.entries(instruments)) {
    above(`instruments.${name}.tick`, grid?.tick ?? Number.NaN, 1);
    above(`instruments.${name}.lot`, grid?.lot ?? Number.NaN, 1);
  }
  return {
    ...{ queue, from, to, instruments },
    ...{ entry: delay("entry"), answer: delay("answer"), feed: delay("feed") },
    capital: above("capital", options.capital, 1e6),
    barSeconds: above("barSeconds", options.barSeconds, 60),
    timeLimitMs: 1000 * above("timeLimitSeconds", options.timeLimitSeconds, 60),
    power: above("power", options.power, 3),
  };
}

export type Checked = ReturnType<typeof checkBacktest>;
