/** The mean-variance frontier of one date, and where the portfolios of a run stand beside it by the same model. */
import type { Frontier, Turn } from "../../analysis/walk_forward.js";
import { KernelError } from "../../core/contract/errors.js";
import { efficientFrontier } from "../../kernels/portfolio/mean_variance/efficient_frontier.js";
import type { Estimate } from "./estimate.js";
import type { RiskModel } from "./risk_models.js";
import { impossibleBound, type Settings } from "./walk_options.js";

/** Its work grows with the turning points times the square of the assets. */
const mostAssets = 500;
const points = 60;

/** `last`: the weights of that date, by the name of their portfolio. */
export function frontierOf(
  estimate: Estimate,
  risk: RiskModel,
  last: readonly { name: string; turn: Turn | undefined }[],
  settings: Settings,
): Frontier | { why: string } {
  const assets = estimate.assets.length;
  if (settings.limits.short > 0) return { why: "no frontier: it is drawn without short positions" };
  if (assets > mostAssets) return { why: `no frontier of ${assets} assets: it is drawn of up to ${mostAssets}` };
  const [lower, upper] = impossibleBound(assets, settings.bounds) ? [0, 1] : settings.bounds;
  const expected = settings.expectedReturns.of(estimate, risk, settings);
  const bounds = { lower: new Float64Array(assets).fill(lower), upper: new Float64Array(assets).fill(upper) };
  try {
    const found = efficientFrontier({ ...risk.ports, ...bounds, expected }, { assets, points });
    const solved = Array.from(found.status.keys()).filter((i) => found.status[i] === 0);
    if (solved.length < 2) return { why: "no frontier: its points were not solved" };
    return {
      decided: estimate.date,
      volatility: Float64Array.from(solved, (i) => Math.sqrt(found.variance[i]!)),
      expected: Float64Array.from(solved, (i) => found.expectedReturn[i]!),
      points: last.flatMap(({ name, turn }) => {
        if (turn?.decided !== estimate.date) return [];
        return [{ name, volatility: turn.forecast, expected: turn.weights.reduce((sum, w, i) => sum + w * expected[i]!, 0) }];
      }),
    };
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    return { why: `no frontier: ${error.message}` };
  }
}
