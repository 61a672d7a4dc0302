/** Expected returns of one period, for objectives that need them: all of them are guesses, and told as such. */
import { didYouMean, TickforgeError } from "../../core/contract/errors.js";
import type { Estimate } from "./estimate.js";
import type { RiskModel } from "./risk_models.js";

interface ExpectedReturnsEntry {
  name: string;
  /** What to know of them, for screen and page. */
  doc: string;
  of(estimate: Estimate, risk: RiskModel, settings: { riskAversion: number }): Float64Array;
}

const meanOf = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;

/**
 * Towards the mean of all assets, by as much as their spread is noise: the more, the smaller it is beside the variance of a mean. For assets that do
 * not correlate and have one variance; from four assets on it is nearer to the truth than the means themselves, on the whole.
 * Efron & Morris (1977), Sci. Am. 236(5), its positive part.
 */
function jamesStein({ mean, returns }: Estimate, { variance }: RiskModel): Float64Array {
  const count = mean.length;
  const middle = meanOf(mean);
  const spread = mean.reduce((sum, m) => sum + (m - middle) ** 2, 0);
  const noise = meanOf(variance) / (returns.length / count);
  const kept = spread > 0 ? Math.max(0, 1 - (Math.max(0, count - 3) * noise) / spread) : 0;
  return mean.map((m) => middle + kept * (m - middle));
}

export const expectedReturns: readonly ExpectedReturnsEntry[] = [
  {
    name: "sample",
    doc: "expected returns are the means of the window: a poor estimate, whose error in a year is as large as the volatility; weights follow that noise",
    of: ({ mean }) => mean,
  },
  {
    name: "james_stein",
    doc: "expected returns are the means of the window, drawn towards the mean of all assets by as much as their spread is noise (James and Stein); still a poor estimate",
    of: jamesStein,
  },
  {
    name: "equilibrium",
    doc: "expected returns are those by which equal weights would be best (Black and Litterman without views): the risk model's, not the past's",
    of: (_, { variance, times }, { riskAversion }) =>
      times(new Float64Array(variance.length).fill(1 / variance.length)).map((c) => riskAversion * c),
  },
];

export function expectedReturnsNamed(name: string): ExpectedReturnsEntry {
  const names = expectedReturns.map((one) => one.name);
  const found = expectedReturns.find((one) => one.name === name);
  if (found) return found;
  const near = didYouMean(name, names);
  throw new TickforgeError("E_OPTION_RANGE", `walkForward: option 'expectedReturns' is ${name}, expected ${names.join(", ")}`, {
    ...{ kernel: "walkForward", option: "expectedReturns", value: name, hint: near ? `did you mean ${near}?` : `such as ${names[0]}` },
  });
}
