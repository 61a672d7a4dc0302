/** The flags of factors, and its help. */
import type { Flag } from "./flags.js";

const text = (name: string, value: string): Flag => ({ name, value, kind: "text", doc: "", group: "" });
const whole = (name: string): Flag => ({ name, value: "N", kind: "whole", doc: "", group: "" });
const plain = (name: string): Flag => ({ name, doc: "", group: "" });

export const factorsFlags: readonly Flag[] = [
  text("factors", "LIST"),
  text("sectors", "FILE"),
  text("horizons", "LIST"),
  whole("quantiles"),
  { name: "mode", value: "HOW", kind: "choice", choices: ["joint", "two-stage"], doc: "", group: "" },
  whole("window"),
  whole("lag"),
  whole("half-life"),
  ...["date", "asset", "price", "return", "cap", "sector"].map((name) => text(name, "COL")),
  text("report", "FILE.html"),
  text("out", "FILE.csv"),
  plain("json"),
  plain("force"),
  plain("quiet"),
  plain("no-color"),
  text("backend", "NAME"),
];

export const factorsHelp = (): string => `tickforge factors PANEL...   factors of many assets: what they foretell, what they returned
  tickforge factors panel.csv --factors momentum,value --sectors sectors.csv --report factors.html
  tickforge factors styles.csv.gz prices.csv.gz --sectors names.csv --factors value,size --json
PANEL   a row for each date and asset; several files are joined by date and asset
factors --factors LIST                   columns; or momentum (of returns), size (of cap) where none is called so
        --horizons LIST                  dates ahead, counted in the rows given (default: 1,5,10,20)
        --quantiles N                    groups of each factor (default: 5)
        --mode HOW                       factor returns: joint (Barra), two-stage (toraniko) (default: joint)
        --window N --lag N --half-life N of momentum (default: 504, 20, 126)
input   --sectors FILE --sector COL      a row for each asset; column of the sectors (default: sector)
        --date COL --asset COL           columns, found by name where left out
        --price COL --return COL         prices, adjusted; or simple returns instead
        --cap COL                        market capitalization (default: by name; else all assets alike)
output  --report FILE.html --out FILE    one page, no network; factor returns by date as .csv
        --json --force                   one JSON object; overwrite
        --quiet --no-color               errors only; plain text
run     --backend NAME                   native or reference (default: the fastest that loads)
`;
