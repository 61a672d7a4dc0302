/** What the page of factors is made from. */
import type { Beside } from "../../analysis/beside.js";
import type { PortfolioSplit } from "../../analysis/portfolio.js";
import type { Coverage, Study } from "../../analysis/signal.js";
import type { ReportFile } from "../kit/page.js";

/** Everything on the page. */
export interface FactorReport {
  commandLine: string;
  version: string;
  files: readonly ReportFile[];
  options: {
    horizons: readonly number[];
    quantiles: number;
    mode: string;
    window: number;
    lag: number;
    halfLife: number;
    filingLag: number;
  };
  time: BigInt64Array;
  sectors: readonly string[];
  coverage: Coverage;
  study: Study;
  portfolio?: PortfolioSplit;
  beside?: Beside;
  /** What a careful reader would want to be told first. */
  remarks: readonly string[];
}
