/** The flags of replay: those of the kernel come from its contract, the others are listed here. */
import type { Param } from "../../core/contract/contract.js";
import { quoteRules } from "../../engines/quote_sides.js";
import { decimals } from "../../files/kernels/written.js";
import { timeBars } from "../../kernels/flow/bars/time_bars.js";
import { vpin } from "../../kernels/flow/toxicity/vpin.js";
import { decimalFlag } from "../kit/column_flags.js";
import { type Flag, kebab } from "../kit/flag.js";

/** Parameters of vpin that a user sets; the number of instruments is counted. */
const fromContract = ["bucketVolume", "window", "history"] as const;
const shorter: Partial<Record<string, string>> = {
  bucketVolume: "volume of a bucket, or auto: by the tape (default: auto)",
  window: "buckets averaged (50); earlier values the cdf ranks among",
};

const historyDefault = vpin.contract.params.history.default;

function kernelFlag(name: (typeof fromContract)[number]): Flag {
  const param: Param = vpin.contract.params[name];
  const whole = param.type === "i32";
  const shown = param.default === 0 ? "" : name === "window" ? ` (${historyDefault})` : ` (default: ${param.default})`;
  return {
    name: kebab(name),
    value: whole ? "N" : "V",
    kind: whole ? "whole" : "number",
    doc: `${shorter[name] ?? param.doc}${shown}`,
    group: "kernel",
    ...(name === "bucketVolume" && { auto: true }),
    ...(name === "window" && { with: ["history"] }),
  };
}

const classifiers = [...vpin.contract.params.classify.values, ...quoteRules, "bvc"] as const;

/** What validate shares with replay, and how many rows it lists. */
export const validateFlags = (): readonly Flag[] => {
  const shared = [
    "time",
    "price",
    "size",
    "side",
    "symbol",
    "buy",
    "sell",
    "unknown",
    "time-format",
    "where",
    "zone",
    "date",
    "only",
    "decimal",
    "session",
    "json",
    "quiet",
    "no-color",
    "backend",
  ];
  return [
    ...replayFlags.filter(({ name }) => shared.includes(name)),
    { name: "most", value: "N", kind: "whole", doc: "bad rows listed of each file (default: 20); all are counted", group: "output" },
    { name: "redis", doc: "also on redis-server processes that it starts and kills; legacy needs it", group: "bus" },
    { name: "quick", doc: "fewer rows and requests", group: "bus" },
    { name: "report", value: "FILE.html", kind: "text", doc: "one page, no network", group: "bus" },
    { name: "out", value: "FILE.json", kind: "text", doc: "what --json prints, as a file", group: "bus" },
    { name: "force", doc: "overwrite", group: "bus" },
  ];
};
/** Of those, what validate bus takes, and what it alone takes, as keys of the values. */
export const onlyBusValidateFlags = ["redis", "quick", "report", "out", "force"];
export const busValidateFlags = [...onlyBusValidateFlags, "json", "quiet", "noColor"];

export const replayFlags: readonly Flag[] = [
  ...fromContract.map(kernelFlag),
  {
    name: "classify",
    value: "HOW",
    kind: "choice",
    choices: classifiers,
    doc: `${classifiers.join(", ")} (by the file)`,
    group: "kernel",
  },
  {
    name: "bars",
    value: "60s",
    kind: "duration",
    auto: true,
    doc: "time bars of bvc and of measures (auto); empty ones: skip, emit",
    group: "kernel",
    with: ["empty"],
  },
  { name: "empty", value: "HOW", kind: "choice", choices: timeBars.contract.params.empty.values, doc: "", group: "kernel" },
  {
    name: "measures",
    value: "LIST",
    kind: "text",
    doc: "kyle_lambda,roll_spread:500 ..., all, none; of realized_spread",
    group: "kernel",
    with: ["horizon"],
  },
  { name: "horizon", value: "5m", kind: "duration", doc: "", group: "kernel" },
  {
    name: "threshold",
    value: "P",
    kind: "number",
    doc: "alarm above this share of earlier values (0.99); least N (100)",
    group: "kernel",
    with: ["min-history"],
  },
  { name: "min-history", value: "N", kind: "whole", doc: "", group: "kernel" },
  {
    name: "time",
    value: "COL",
    kind: "text",
    doc: "columns, by name or number from 0",
    group: "input",
    with: ["price", "size", "side", "symbol"],
  },
  ...["price", "size", "side", "symbol"].map((name): Flag => ({ name, value: "COL", kind: "text", doc: "", group: "input" })),
  {
    name: "bid",
    value: "COL",
    kind: "text",
    doc: "quotes in the row, where their names do not tell them",
    group: "input",
    with: ["ask", "bid-size", "ask-size"],
  },
  ...["ask", "bid-size", "ask-size"].map((name): Flag => ({ name, value: "COL", kind: "text", doc: "", group: "input" })),
  {
    name: "quotes",
    value: "FILE,FILE",
    kind: "text",
    doc: "FILE[,FILE] of quotes, joined as-of; they count so much later",
    group: "input",
    with: ["quote-lag"],
  },
  { name: "quote-lag", value: "20ms", kind: "duration", doc: "", group: "input" },
  {
    name: "buy",
    value: "WORD",
    kind: "text",
    doc: "what the side column says, or several with commas",
    group: "input",
    with: ["sell", "unknown"],
  },
  ...["sell", "unknown"].map((name): Flag => ({ name, value: "WORD", kind: "text", doc: "", group: "input" })),
  {
    name: "time-format",
    value: "FORMAT",
    kind: "text",
    doc: "such as '%Y%m%d %H:%M:%S.%f'; rows that are read",
    group: "input",
    with: ["where"],
  },
  { name: "where", value: "COL=VALUE,VALUE", kind: "text", many: true, doc: "", group: "input" },
  {
    name: "zone",
    value: "NAME",
    kind: "text",
    doc: `of times; of times since midnight; symbol read; ${decimals.join(" or ")}`,
    group: "input",
    with: ["date", "only", "decimal"],
  },
  decimalFlag,
  { name: "date", value: "DATE", kind: "text", doc: "", group: "input" },
  { name: "only", value: "SYMBOL", kind: "text", doc: "", group: "input" },
  { name: "compare", doc: "every FILE by itself; all of them one tape (default: by name)", group: "input", with: ["join"] },
  { name: "join", doc: "", group: "input" },
  { name: "outliers", value: "HOW", kind: "choice", choices: ["drop", "keep"], doc: "", group: "input" },
  {
    name: "on-bad",
    value: "HOW",
    kind: "choice",
    choices: ["stop", "skip", "report"],
    doc: "bad rows: stop, skip, report; far prices: drop, keep (the first)",
    group: "input",
    with: ["outliers"],
  },
  {
    name: "from",
    value: "TIME",
    kind: "time",
    doc: "UTC: 2026-01-12T14:00; hours: 09:30-16:00@America/New_York",
    group: "input",
    with: ["to", "session"],
  },
  { name: "to", value: "TIME", kind: "time", doc: "", group: "input" },
  { name: "session", value: "HOURS", kind: "text", doc: "", group: "input" },
  { name: "seed", value: "N", kind: "whole", doc: "of the simulated tape (default: 1)", group: "input" },
  { name: "report", value: "FILE.html", kind: "text", doc: "charts, toxic hours, alarms: one page, no network", group: "output" },
  { name: "out", value: "FILE", kind: "text", doc: "every bucket: .arrow, .csv, .json, .parquet; - is csv on stdout", group: "output" },
  { name: "record", value: "FILE", kind: "text", doc: "the trades as frames, which replay faster", group: "output" },
  {
    name: "json",
    doc: "one JSON object on stdout; overwrite; errors only; plain text",
    group: "output",
    with: ["force", "quiet", "no-color"],
  },
  { name: "force", doc: "", group: "output" },
  { name: "quiet", doc: "", group: "output" },
  { name: "no-color", doc: "", group: "output" },
  { name: "backend", value: "NAME", kind: "text", doc: "native or reference (default: the fastest that loads)", group: "run" },
];
