/** tickforge factors, as it is declared. */
import type { Command } from "../kit/command.js";
import { backendFlag, decimalFlag, forceFlag, interactiveFlag, jsonFlag, noColorFlag, quietFlag, splitsFlag } from "../kit/common_flags.js";
import type { Flag } from "../kit/flag.js";

const column = (name: string): Flag => ({ name, value: "COL", doc: "columns, found by name" });

export const factorsCommand: Command = {
  name: "factors",
  synopsis: "PANEL...",
  summary: "factors of many assets: how they foretell returns, what they returned, what is left",
  examples: [
    "tickforge factors prices.csv --reports reports.csv --sectors sectors.csv --factors momentum,value,size",
    "tickforge factors styles.csv.gz prices.csv.gz --sectors names.csv --factors value,size --report factors.html",
  ],
  notes: ["PANEL   a row for each date and asset; several files are joined by date and asset"],
  flags: {
    factors: [
      [{ name: "factors", value: "LIST", doc: "columns; or momentum, size, and of reports value, earnings_yield" }],
      [
        { name: "horizons", value: "LIST", doc: "dates ahead, counted in the rows given (1,5,10,20)" },
        { name: "quantiles", value: "N", kind: "whole", doc: "groups (5)" },
      ],
      [
        {
          ...{ name: "forward-return", value: "COL|N" },
          doc: "column of the returns that follow their date (--horizons N: over so many); or the one horizon, in dates",
        },
      ],
      [
        {
          ...{ name: "mode", value: "HOW", kind: "choice", choices: ["joint", "two-stage"] },
          doc: "factor returns: joint (Barra; default), two-stage (toraniko)",
        },
      ],
      [
        { name: "window", value: "N", kind: "whole", doc: "dates of momentum (504)" },
        { name: "lag", value: "N", kind: "whole", doc: "without the last (20)" },
        { name: "half-life", value: "N", kind: "whole", doc: "half-life (126)" },
      ],
      [{ name: "weights", value: "FILE|cap|equal", doc: "portfolio that is split (default: cap where known)" }],
      [
        {
          ...{ name: "compare", value: "FILE" },
          doc: "market returns by date (fractions or percent), such as Fama and French's, beside the market factor",
        },
      ],
      [{ name: "compare-column", value: "COL", doc: "their column, found by name where left out" }],
    ],
    input: [
      [
        { name: "sectors", value: "FILE", doc: "a row for each asset" },
        { name: "sector", value: "COL", doc: "column of the sectors (sector)" },
      ],
      [
        { name: "reports", value: "FILE", doc: "a row per asset and period" },
        { name: "filing-lag", value: "N", kind: "whole", doc: "days until known, if not filed (90)" },
      ],
      [{ name: "shares", value: "FILE", doc: "asset, shares[, date]; where left out, of the reports" }],
      [...["date", "asset", "price", "return"].map(column), { ...column("cap"), doc: "cap else shares x price, or none" }],
      [
        { name: "time-format", value: "HOW", doc: "such as '%d.%m.%Y', '%Y-Q%q'" },
        { ...decimalFlag, doc: "before the decimals (found)" },
      ],
      [splitsFlag],
    ],
    output: [
      [{ name: "report", value: "FILE.html", doc: "one page" }, interactiveFlag, jsonFlag],
      [{ name: "out", letter: "o", value: "FILE.csv", doc: "factor returns by date" }, forceFlag, quietFlag, noColorFlag],
    ],
    run: [[backendFlag]],
  },
  run: async (given) => (await import("./factors.js")).factors(given),
};
