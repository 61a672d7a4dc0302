/** The flags of factors, and its help. */
import { decimalFlag } from "../kit/column_flags.js";
import type { Flag } from "../kit/flag.js";

const text = (name: string, value: string): Flag => ({ name, value, kind: "text", doc: "", group: "" });
const whole = (name: string): Flag => ({ name, value: "N", kind: "whole", doc: "", group: "" });
const plain = (name: string): Flag => ({ name, doc: "", group: "" });

export const factorsFlags: readonly Flag[] = [
  text("factors", "LIST"),
  ...["sectors", "reports", "shares", "compare", "weights"].map((name) => text(name, "FILE")),
  text("compare-column", "COL"),
  whole("filing-lag"),
  { name: "splits", value: "HOW", kind: "choice", choices: ["auto", "leave-out", "keep"], doc: "", group: "" },
  text("horizons", "LIST"),
  text("forward-return", "COL"),
  whole("quantiles"),
  { name: "mode", value: "HOW", kind: "choice", choices: ["joint", "two-stage"], doc: "", group: "" },
  whole("window"),
  whole("lag"),
  whole("half-life"),
  ...["date", "asset", "price", "return", "cap", "sector"].map((name) => text(name, "COL")),
  text("time-format", "HOW"),
  decimalFlag,
  text("report", "FILE.html"),
  text("out", "FILE.csv"),
  plain("json"),
  plain("force"),
  plain("quiet"),
  plain("no-color"),
  text("backend", "NAME"),
];

export const factorsHelp = (): string => `tickforge factors PANEL...   factors of many assets: what they foretell, what they returned
  tickforge factors prices.csv --reports reports.csv --sectors sectors.csv --factors momentum,value,size
  tickforge factors styles.csv.gz prices.csv.gz --sectors names.csv --factors value,size --report factors.html
PANEL   a row for each date and asset; several files are joined by date and asset
factors --factors LIST                   columns; or momentum, size, and of reports value, earnings_yield
        --horizons LIST --quantiles N    dates ahead, counted in the rows given (default: 1,5,10,20); groups (5)
        --forward-return COL|N           column of the returns that follow their date (--horizons N: over so many);
                                         or the one horizon, in dates
        --mode HOW                       factor returns: joint (Barra), two-stage (toraniko) (default: joint)
        --window N --lag N --half-life N of momentum (default: 504, 20, 126)
        --weights FILE|cap|equal         portfolio whose risk and returns are split (default: cap where known)
        --compare FILE                   market returns by date (fractions or percent), such as Fama and French's,
        --compare-column COL             beside the market factor; their column, found by name where left out
input   --sectors FILE --sector COL      a row for each asset; column of the sectors (default: sector)
        --reports FILE --filing-lag N    a row for each asset and period; days until known where not filed (90)
        --shares FILE                    asset, shares[, date]; where left out, of the reports
        --date --asset --price --return --cap COL    columns, found by name; else cap is shares x price, or none
        --time-format HOW --decimal MARK     such as '%d.%m.%Y', '%Y-Q%q'; comma, point (default: found)
        --splits HOW                     splits by ratio, volume and level: leave-out, keep, auto (default: auto,
                                         kept where the column says that prices are adjusted)
output  --report FILE.html --out FILE    one page, no network; factor returns by date as .csv
        --json --force                   one JSON object; overwrite
        --quiet --no-color               errors only; plain text
run     --backend NAME                   native or reference (default: the fastest that loads)
`;
