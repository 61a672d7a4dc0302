/** VaR and ES of each day from the days before it, and how they fared. */
import type { Backtest, Test } from "../../analysis/risk.js";
import { acerbiSzekely } from "../../kernels/risk/backtest/acerbi_szekely.js";
import { christoffersenCoverage } from "../../kernels/risk/backtest/christoffersen_coverage.js";
import { christoffersenIndependence } from "../../kernels/risk/backtest/christoffersen_independence.js";
import { kupiecPof } from "../../kernels/risk/backtest/kupiec_pof.js";
import { trafficLight } from "../../kernels/risk/backtest/traffic_light.js";
import { rollingHistoricalRisk } from "../../kernels/risk/tail/rolling_historical_risk.js";

/** VaR and ES of one stretch of returns; `untrusted` where the method says that they mean nothing. */
export type Estimate = (returns: Float64Array, confidence: number) => { var: number; es: number; untrusted?: boolean };
/** Hears how much of a part of the work is done; what it returns is waited for, so that signals are heard in between. */
export type OnProgress = (done: number, total: number, what: string) => Promise<void> | undefined;

const zoneDays = 250;
const zones = ["green", "yellow", "red"] as const;

interface Forecasts {
  var: Float64Array;
  es: Float64Array;
  untrusted: number;
}

/** Forecasts of the days from `window` on, each from the `window` returns before it. */
async function forecasts(
  returns: Float64Array,
  window: number,
  confidence: number,
  method: string,
  estimate: Estimate,
  onProgress: OnProgress,
): Promise<Forecasts> {
  const days = returns.length - window;
  if (method === "historical") {
    const found = rollingHistoricalRisk({ returns }, { confidence, window });
    return { var: found.var.slice(window - 1, -1), es: found.es.slice(window - 1, -1), untrusted: 0 };
  }
  const made = { var: new Float64Array(days), es: new Float64Array(days), untrusted: 0 };
  for (let day = 0; day < days; day++) {
    await onProgress(day, days, `forecasts at ${Number((100 * confidence).toFixed(6))} %`);
    const found = estimate(returns.slice(day, day + window), confidence);
    made.var[day] = found.var;
    made.es[day] = found.es;
    if (found.untrusted) made.untrusted++;
  }
  return made;
}

export async function backtest(
  returns: Float64Array,
  window: number,
  confidence: number,
  method: string,
  estimate: Estimate,
  onProgress: OnProgress = () => undefined,
): Promise<Backtest> {
  const made = await forecasts(returns, window, confidence, method, estimate, onProgress);
  const loss = returns.slice(window).map((r) => -r);
  const days = loss.length;
  const input = { loss, var: made.var };
  const test = ({ statistic, pValue }: { statistic: Float64Array; pValue: Float64Array }): Test => ({
    statistic: statistic[0]!,
    pValue: pValue[0]!,
  });
  const last = { loss: loss.slice(-zoneDays), var: made.var.slice(-zoneDays) };
  const zone = trafficLight(last, { confidence });
  const possible = made.es.every((es) => es > 0);
  const none: Test = { statistic: Number.NaN, pValue: Number.NaN };
  return {
    confidence,
    ...made,
    breaches: Array.from(loss.keys()).filter((day) => loss[day]! > made.var[day]!),
    days,
    expected: days * (1 - confidence),
    kupiec: test(kupiecPof(input, { confidence })),
    independence: test(christoffersenIndependence(input)),
    coverage: test(christoffersenCoverage(input, { confidence })),
    shortfall: possible ? test(acerbiSzekely({ ...input, es: made.es }, { confidence, seed: 1, simulations: 2_000 })) : none,
    zone: zones[zone.zone[0]!]!,
    zoneBreaches: zone.hits[0]!,
    zoneDays: last.loss.length,
  };
}
