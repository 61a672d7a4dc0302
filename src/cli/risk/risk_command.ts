/** tickforge risk, as it is declared. */
import { riskMethods } from "../../kernels/risk/tail/value_at_risk.js";
import type { Command } from "../kit/command.js";
import { backendFlag, decimalFlag, forceFlag, interactiveFlag, jsonFlag, noColorFlag, quietFlag, splitsFlag } from "../kit/common_flags.js";

const methods = riskMethods.map(({ name }) => name);

export const riskCommand: Command = {
  name: "risk",
  synopsis: "PRICES",
  summary: "VaR, ES, back-tests and performance of prices (csv, parquet, arrow; wide or long)",
  examples: [
    "tickforge risk prices.csv --report risk.html",
    "tickforge risk universe.parquet --exclude auto --weights weights.csv --benchmark SP500 --json",
  ],
  flags: {
    risk: [
      [
        {
          ...{ name: "periods-per-year", value: "N", kind: "number" },
          doc: "252 for trading days, 12 for months (default: from the dates, if plain)",
        },
      ],
      [{ name: "confidence", value: "P", kind: "number", doc: "of VaR and ES, in (0.5, 1) (default: 0.99)" }],
      [
        {
          ...{ name: "method", value: "HOW", kind: "choice", choices: methods },
          doc: `of the back-test: ${methods.join(", ")} (default: ${methods[0]})`,
        },
      ],
      [{ name: "backtest", value: "N", kind: "whole", doc: "returns before each forecast (default: 250, or 5 years of fewer)" }],
      [{ name: "rolling", value: "N", kind: "whole", doc: "returns of the rolling charts (default: half a year)" }],
      [{ name: "risk-free-rate", value: "R", kind: "number", doc: "a year, 0.03 is 3 % (default: 0)" }],
      [
        { name: "df", value: "N", kind: "number", doc: "of student_t (default: 5)" },
        { name: "seed", value: "N", kind: "whole", doc: "of simulated methods" },
      ],
    ],
    input: [
      [{ name: "returns", doc: "the file holds simple returns, 0.01 for 1 %, not prices" }],
      [{ name: "weights", value: "FILE", doc: "asset,weight (default: all alike); rebalanced every period" }],
      [{ name: "benchmark", value: "NAME", doc: "a column of PRICES, which is not held, or a FILE of prices" }],
      [
        { name: "assets", value: "A,B", doc: "columns that are read" },
        { name: "date", value: "COL", doc: "column of the dates" },
      ],
      [{ name: "exclude", value: "A,B|auto", doc: "assets left out; auto: those without a move or with a price of 0 or less" }],
      [
        { name: "asset", value: "COL", doc: "of a table with a row for each asset and date" },
        { name: "value", value: "COL", doc: "of a table with a row for each asset and date" },
      ],
      [{ name: "time-format", value: "HOW", doc: "how dates are written, such as '%d.%m.%Y', '%Y-Q%q' (default: found)" }],
      [decimalFlag],
      [
        {
          ...{ name: "missing", value: "HOW", kind: "choice", choices: ["error", "enter", "drop", "ffill"] },
          doc: "enter (assets enter when listed, leave when delisted), error, drop such dates, ffill carry on (default: enter, error where there is one asset)",
        },
      ],
      [splitsFlag],
    ],
    output: [
      [{ name: "report", value: "FILE.html", doc: "one page, no network" }, interactiveFlag],
      [{ name: "out", letter: "o", value: "FILE", doc: "forecasts and breaches as .csv or .json" }],
      [jsonFlag, forceFlag, quietFlag, noColorFlag],
    ],
    run: [[backendFlag]],
  },
  run: async (given) => (await import("./risk.js")).risk(given),
};
