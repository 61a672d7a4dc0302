/** What the pages of back-tests are made from, and how their figures are written. */
import type { BacktestResult, SweepResult, WalkResult } from "../../analysis/backtest.js";
import type { MeanCost, Spread } from "../../analysis/fill_quality.js";
import type { ReportFile } from "../kit/page.js";
import { fixed, none, percent, signedPercent, significant, toSecond } from "../kit/text.js";

interface Made {
  commandLine: string;
  version: string;
  files: readonly ReportFile[];
  /** By which terms beside those of the result, such as latencies and fees: names and what they are. */
  terms?: readonly (readonly [name: string, says: string])[];
}
/** Everything on a page. */
export type BacktestReport = Made & { result: BacktestResult };
export type SweepReport = Made & { result: SweepResult };
export type WalkReport = Made & { result: WalkResult };

/** `market maker`. */
export const titleOf = (strategy: string): string => strategy.replaceAll("_", " ");

type Given = Readonly<Record<string, number | string>>;
/** `spread 2, limit 10`; of many values those that were asked for alone. */
export const paramsText = (params: Given): string =>
  Object.entries(params)
    .map(([name, value]) => `${name} ${typeof value === "number" ? significant(value) : value}`)
    .join(", ") || "none";

/** Money of any size: to the cent where it is large, in six digits where it is small. */
export const money = (value: number): string =>
  Math.abs(value) >= 1000 && !Number.isInteger(value) ? fixed(value, 2) : significant(Number(value.toPrecision(15)), 6);
/** `15.6 M`. */
export const roundly = (value: number): string => {
  const size = Math.abs(value);
  const [unit, by] = size >= 1e9 ? [" bn", 1e9] : size >= 1e6 ? [" M", 1e6] : size >= 1e4 ? [" k", 1e3] : ["", 1];
  return `${significant(Number((value / by).toPrecision(3)))}${unit}`;
};
export const signedMoney = (value: number): string => (value > 0 ? `+${money(value)}` : money(value));

/** Basis points, with the error of the mean. */
export const bp = (value: number, decimals = 2): string => fixed(value, decimals);
export const bpOf = ({ mean, error }: MeanCost): string =>
  Number.isFinite(mean) ? `${bp(mean)}${Number.isFinite(error) ? ` ± ${bp(error)}` : ""}` : none;

/** `12 ms`, `3 s`: seconds. */
export function wait(seconds: number): string {
  if (!Number.isFinite(seconds)) return none;
  const [unit, size] = seconds < 1e-3 ? ["µs", 1e6] : seconds < 1 ? ["ms", 1e3] : seconds < 7200 ? ["s", 1] : ["h", 1 / 3600];
  return `${significant(seconds * size, 3)} ${unit}`;
}

/** `12, 90 % below 40`. */
export const spreadText = ({ known, median, high }: Spread, written: (value: number) => string): string =>
  known === 0 ? none : `${written(median)}, 90 % at or below ${written(high)}`;

export const when = (time: bigint): string => toSecond(time);
export const ratio = (value: number): string => fixed(value, 2);
export { percent, signedPercent };

/** What a queue model believes, in words. */
export const queueWords: Readonly<Record<BacktestResult["instruments"][number]["queue"], string>> = {
  risk_averse: "by levels; only trades at its price move an order up",
  power: "by levels; of what is cancelled a share is taken to stand ahead",
  exact: "by orders: the very ones that stood ahead",
  trades: "by trades alone: filled where one prints through the price, or at it for its size",
};

/** Share of the value at the start that the fills turned over. */
export const secondsIn = (result: BacktestResult): number => Number(result.end - result.start) / 1e9;
