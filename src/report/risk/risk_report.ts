/** What the page of a price history is made from, and how its figures are written. */
import type { RiskResult } from "../../analysis/risk.js";
import type { ReportFile } from "../kit/page.js";
import { percent } from "../kit/text.js";

/** Everything on the page. */
export interface RiskReport {
  commandLine: string;
  version: string;
  files: readonly ReportFile[];
  /** Where the weights come from: `equal`, or a file. */
  weightsFrom: string;
  result: RiskResult;
}

export const dayOf = (ns: bigint): string => new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 10);

export const levelOf = (confidence: number): string => `${Number((100 * confidence).toFixed(6))} %`;

export const shown = (value: number): string => percent(value, 2);
