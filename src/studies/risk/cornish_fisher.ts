/** VaR and ES of one series by the Cornish-Fisher expansion, and whether its skewness and kurtosis let them be relied on. */
import { parametricRisk } from "../../kernels/risk/tail/parametric_risk.js";

export interface Expanded {
  var: number;
  es: number;
  /** Why neither is to be trusted. */
  refused?: string;
  /** What is said beside them all the same. */
  remark?: string;
}

export function cornishFisher(returns: Float64Array, confidence: number): Expanded {
  const found = parametricRisk({ returns, weights: Float64Array.of(1) }, { assets: 1, confidence, distribution: "cornish_fisher" });
  const [skewness, kurtosis] = [found.skewness[0]!, found.kurtosis[0]!];
  const made = { var: found.var[0]!, es: found.es[0]! };
  if (Number.isNaN(skewness)) return { ...made, refused: "all returns are alike: they have no skewness" };
  const outside = `skewness ${skewness.toFixed(2)}, excess kurtosis ${kurtosis.toFixed(2)}: outside the domain of the expansion`;
  if (found.esBelowVar[0]) return { ...made, refused: `${outside}, ES below VaR` };
  if (!found.tailMonotone[0]) return { ...made, refused: `${outside}, quantiles beyond the VaR out of order` };
  if (!found.monotone[0]) return { ...made, remark: `${outside}, in order beyond the VaR` };
  return made;
}
