/** tickforge replay, as it is declared; what the kernel takes comes from its contract. */
import type { Param } from "../../core/contract/contract.js";
import { quoteRules } from "../../engines/quote_sides.js";
import { timeBars } from "../../kernels/flow/bars/time_bars.js";
import { vpin } from "../../kernels/flow/toxicity/vpin.js";
import { quoteColumns, sessionFlag, tradeColumns } from "../kit/column_flags.js";
import type { Command } from "../kit/command.js";
import { backendFlag, forceFlag, interactiveFlag, jsonFlag, noColorFlag, quietFlag } from "../kit/common_flags.js";
import { type Flag, kebab } from "../kit/flag.js";

/** Of a parameter of vpin that a user sets; the number of instruments is counted. */
function kernelFlag(name: "bucketVolume" | "window" | "history", doc: string): Flag {
  const param: Param = vpin.contract.params[name];
  const usual = param.default === 0 ? "" : ` (${param.default})`;
  const whole = param.type === "i32";
  return { name: kebab(name), value: whole ? "N" : "V", kind: whole ? "whole" : "number", doc: `${doc}${usual}` };
}

const classifiers = [...vpin.contract.params.classify.values, ...quoteRules, "bvc"];
const empty = timeBars.contract.params.empty.values;
const onBad = ["stop", "skip", "report"];
const outliers = ["drop", "keep"];

export const replayCommand: Command = {
  name: "replay",
  synopsis: "[FILE...]",
  summary: "order-flow toxicity (VPIN) of trades (csv, json, dbn, arrow, parquet) or a simulation",
  examples: [
    "tickforge replay trades.csv.gz --report toxicity.html",
    "zcat trades.csv.gz | tickforge replay - --bucket-volume 250 --out vpin.csv",
  ],
  flags: {
    kernel: [
      [{ ...kernelFlag("bucketVolume", "volume of a bucket, or auto: by the tape (default: auto)"), auto: true }],
      [kernelFlag("window", "buckets averaged"), kernelFlag("history", "earlier values the cdf ranks among")],
      [{ name: "classify", value: "HOW", kind: "choice", choices: classifiers, doc: `${classifiers.join(", ")} (by the file)` }],
      [
        { name: "bars", value: "60s", kind: "duration", auto: true, doc: "time bars of bvc and of measures (auto)" },
        { name: "empty", value: "HOW", kind: "choice", choices: empty, doc: `empty ones: ${empty.join(", ")}` },
      ],
      [
        { name: "measures", value: "LIST", doc: "kyle_lambda,roll_spread:500 ..., all, none" },
        { name: "horizon", value: "5m", kind: "duration", doc: "of realized_spread" },
      ],
      [
        { name: "threshold", value: "P", kind: "number", doc: "alarm above this quantile (0.99)" },
        { name: "min-history", value: "N", kind: "whole", doc: "earlier values it needs (100)" },
      ],
    ],
    input: [
      ...tradeColumns,
      quoteColumns,
      [
        { name: "quotes", value: "FILE,FILE", doc: "FILE[,FILE] of quotes, joined as-of" },
        { name: "quote-lag", value: "20ms", kind: "duration", doc: "they count so much later" },
      ],
      [
        { name: "compare", doc: "every FILE by itself" },
        { name: "join", doc: "all of them one tape (default: by name)" },
      ],
      [
        { name: "on-bad", value: "HOW", kind: "choice", choices: onBad, doc: `bad rows: ${onBad.join(", ")}` },
        { name: "outliers", value: "HOW", kind: "choice", choices: outliers, doc: `far prices: ${outliers.join(", ")} (the first)` },
      ],
      [
        { name: "from", value: "TIME", kind: "time", doc: "UTC: 2026-01-12T14:00" },
        { name: "to", value: "TIME", kind: "time", doc: "UTC: 2026-01-12T14:00" },
        sessionFlag,
      ],
    ],
    output: [
      [{ name: "report", value: "FILE.html", doc: "charts, toxic hours, alarms: one page" }, interactiveFlag],
      [{ name: "out", letter: "o", value: "FILE", doc: "every bucket: .arrow, .csv, .json, .parquet; - is csv on stdout" }],
      [{ name: "record", value: "FILE", doc: "the trades as frames, which replay faster" }],
      [jsonFlag, forceFlag, quietFlag, noColorFlag],
    ],
    run: [[{ name: "seed", value: "N", kind: "whole", doc: "of the simulation (1)" }, backendFlag]],
  },
  run: async (given) => (await import("./replay.js")).replay(given),
};
