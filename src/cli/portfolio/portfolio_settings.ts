/** Values of the flags of portfolio -> options of the walk; what it would refuse by name is refused here, before anything is read. */

import { expectedReturnsNamed } from "../../studies/portfolio/expected_returns.js";
import { objectiveNamed } from "../../studies/portfolio/objectives.js";
import { riskModelNamed } from "../../studies/portfolio/risk_models.js";
import { rebalanceOf, rebalances } from "../../studies/portfolio/schedule.js";
import { checkBounded, type WalkForwardOptions } from "../../studies/portfolio/walk_options.js";
import { text, type Values } from "../kit/args.js";
import { UsageError } from "../kit/exit.js";
import { list } from "../kit/price_options.js";

const units: Readonly<Record<string, number>> = { bp: 1e-4, "%": 1e-2, "": 1 };

/** `5bp`, `0.05%`, or a share: 0.0005. */
function costsOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const [, number, unit] = /^(\d+\.?\d*|\.\d+)(bp|%|)$/.exec(value) ?? [];
  const costs = number === undefined ? Number.NaN : Number((Number(number) * units[unit!]!).toPrecision(12));
  if (costs >= 0 && costs <= 0.1) return costs;
  throw new UsageError(`--costs is '${value}', expected a share of what is traded, at most 10%`, "such as 5bp, 0.05% or 0.0005");
}

export function optionsOf(values: Values): WalkForwardOptions {
  const number = (name: string) => values[name] as number | undefined;
  const objectives = list(values.objective);
  if (objectives?.length === 0) throw new UsageError("--objective names none", "such as --objective inverse_volatility");
  for (const name of objectives ?? []) objectiveNamed(name);
  const riskModel = text(values.riskModel);
  if (riskModel !== undefined) riskModelNamed(riskModel, 0);
  const expectedReturns = text(values.expectedReturns);
  if (expectedReturns !== undefined) expectedReturnsNamed(expectedReturns);
  const every = text(values.rebalance);
  const rebalance = every === undefined ? undefined : rebalanceOf(every);
  if (every !== undefined && rebalance === undefined)
    throw new UsageError(`--rebalance is '${every}', expected ${rebalances}, or a number of dates`, "such as monthly, or 20");
  const options = {
    ...{ objective: objectives, riskModel, expectedReturns, rebalance, costs: costsOf(text(values.costs)) },
    ...{ factors: number("factors"), window: number("window"), delay: number("delay"), delistingReturn: number("delistingReturn") },
    ...{ riskAversion: number("riskAversion"), minWeight: number("minWeight"), maxWeight: number("maxWeight") },
    ...{ maxShort: number("maxShort"), maxTurnover: number("maxTurnover"), costAware: values.costAware as boolean | undefined },
    splits: text(values.splits) as WalkForwardOptions["splits"],
    ...{ periodsPerYear: number("periodsPerYear"), riskFreeRate: number("riskFreeRate"), trials: number("trials") },
  };
  checkBounded(objectives ?? [], options);
  return options;
}
