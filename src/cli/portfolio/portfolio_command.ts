/** tickforge portfolio, as it is declared. */

import { expectedReturns } from "../../studies/portfolio/expected_returns.js";
import { objectives } from "../../studies/portfolio/objectives.js";
import { riskModels } from "../../studies/portfolio/risk_models.js";
import type { Command } from "../kit/command.js";
import { backendFlag, decimalFlag, forceFlag, interactiveFlag, jsonFlag, noColorFlag, quietFlag, splitsFlag } from "../kit/common_flags.js";

const names = objectives.map(({ name }) => name);
const guesses = expectedReturns.map(({ name }) => name);
const models = riskModels.map(({ name }) => name);

export const portfolioCommand: Command = {
  name: "portfolio",
  synopsis: "PRICES",
  summary: "portfolios walked forward: weights by the past, drift, costs, delistings",
  examples: [
    "tickforge portfolio prices.csv --objective inverse_volatility --rebalance monthly --costs 5bp --report page.html",
    "tickforge portfolio universe.parquet --risk-model factor --window 504 --delisting-return -0.3 --json",
  ],
  notes: ["equal_weight and inverse_volatility are walked beside every objective, over the same assets and dates"],
  flags: {
    walk: [
      [{ name: "objective", value: "LIST", doc: `${names.join(", ")} (minimum_variance)` }],
      [
        { name: "rebalance", value: "HOW", doc: "weekly, monthly, quarterly, yearly, N dates (monthly)" },
        { name: "costs", value: "C", doc: "(5bp)" },
      ],
      [
        {
          ...{ name: "risk-model", value: "HOW", kind: "choice", choices: models },
          doc: `${models.join(", ")} (first; factor above 500)`,
        },
      ],
      [
        {
          ...{ name: "expected-returns", value: "HOW", kind: "choice", choices: guesses },
          doc: `if needed: ${guesses.join(", ")} (first)`,
        },
        { name: "risk-aversion", value: "L", kind: "number", doc: "(2.5)" },
      ],
      [
        { name: "window", value: "N", kind: "whole", doc: "returns of an estimate (252)" },
        { name: "factors", value: "N", kind: "whole", doc: "of the risk model factor (10)" },
      ],
      [
        { name: "delay", value: "N", kind: "whole", doc: "dates from known to traded (1)" },
        { name: "delisting-return", value: "R", kind: "number", doc: "when prices end (0)" },
      ],
      [
        { name: "min-weight", value: "W", kind: "number", doc: "of each asset, where the objective holds bounds" },
        { name: "max-weight", value: "W", kind: "number", doc: "of each asset, where the objective holds bounds" },
      ],
      [
        { name: "max-short", value: "S", kind: "number", doc: "all short weights (0)" },
        { name: "max-turnover", value: "S", kind: "number", doc: "a rebalance (any)" },
        { name: "cost-aware", doc: "weights heed costs" },
      ],
      [
        { name: "periods-per-year", value: "N", kind: "number", doc: "252 for trading days (from the dates)" },
        { name: "risk-free-rate", value: "R", kind: "number", doc: "a year (0)" },
      ],
      [{ name: "trials", value: "N", kind: "whole", doc: "tried in all, for the deflated Sharpe ratio (those of the run)" }],
    ],
    input: [
      [
        { name: "assets", value: "A,B", doc: "columns that are read" },
        { name: "exclude", value: "A,B|auto", doc: "auto: with prices of 0 or less" },
      ],
      [
        ...["date", "asset", "value"].map((name) => ({
          name,
          value: "COL",
          doc: "columns; asset and value of a table with a row for each",
        })),
      ],
      [
        { name: "time-format", value: "HOW", doc: "such as '%d.%m.%Y' (found)" },
        { ...decimalFlag, doc: "before the decimals (found)" },
      ],
      [{ ...splitsFlag, doc: "auto, leave-out, keep (auto: taken as 0, kept where adjusted)" }],
    ],
    output: [
      [{ name: "report", value: "FILE.html", doc: "one page" }, interactiveFlag, jsonFlag],
      [{ name: "out", letter: "o", value: "FILE.csv", doc: "weights by date" }, forceFlag, quietFlag, noColorFlag],
    ],
    run: [[backendFlag]],
  },
  run: async (given) => (await import("./portfolio.js")).portfolio(given),
};
