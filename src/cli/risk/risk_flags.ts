/** The flags of risk, and its help. */
import { riskMethods } from "../../kernels/risk/tail/value_at_risk.js";
import { decimalFlag } from "../kit/column_flags.js";
import type { Flag } from "../kit/flag.js";

const text = (name: string, value: string): Flag => ({ name, value, kind: "text", doc: "", group: "" });
const number = (name: string): Flag => ({ name, value: "N", kind: "number", doc: "", group: "" });
const whole = (name: string): Flag => ({ name, value: "N", kind: "whole", doc: "", group: "" });
const choice = (name: string, choices: readonly string[]): Flag => ({ name, value: "HOW", kind: "choice", choices, doc: "", group: "" });
const plain = (name: string): Flag => ({ name, doc: "", group: "" });

const riskMethodNames = riskMethods.map(({ name }) => name);

export const riskFlags: readonly Flag[] = [
  number("periods-per-year"),
  number("confidence"),
  choice("method", riskMethodNames),
  whole("backtest"),
  whole("rolling"),
  number("risk-free-rate"),
  number("df"),
  whole("seed"),
  text("weights", "FILE"),
  text("benchmark", "NAME"),
  text("assets", "LIST"),
  text("date", "COL"),
  text("asset", "COL"),
  text("value", "COL"),
  text("time-format", "HOW"),
  decimalFlag,
  choice("missing", ["error", "enter", "drop", "ffill"]),
  text("exclude", "LIST"),
  plain("returns"),
  choice("splits", ["auto", "leave-out", "keep"]),
  text("report", "FILE.html"),
  text("out", "FILE.csv"),
  plain("json"),
  plain("force"),
  plain("quiet"),
  plain("no-color"),
  text("backend", "NAME"),
];

export const riskHelp =
  (): string => `tickforge risk PRICES   VaR, ES, back-tests and performance of prices (csv, parquet, arrow; wide or long)
  tickforge risk prices.csv --report risk.html
  tickforge risk universe.parquet --exclude auto --weights weights.csv --benchmark SP500 --json
risk    --periods-per-year N             252 for trading days, 12 for months (default: from the dates, where plain)
        --confidence P                   of VaR and ES, in (0.5, 1) (default: 0.99)
        --method HOW                     of the back-test: ${riskMethodNames.slice(0, 4).join(", ")},
                                         ${riskMethodNames.slice(4).join(", ")} (default: ${riskMethodNames[0]})
        --backtest N                     returns before each forecast (default: 250, or 5 years of fewer)
        --rolling N                      returns of the rolling charts (default: half a year)
        --risk-free-rate R               a year, 0.03 is 3 % (default: 0)
        --df N --seed N                  of student_t (default: 5); of simulated methods
input   --returns                        the file holds simple returns, 0.01 for 1 %, not prices
        --weights FILE                   asset,weight (default: all alike); rebalanced every period
        --benchmark NAME                 a column of PRICES, which is not held, or a FILE of prices
        --assets A,B --date COL          columns that are read; column of the dates
        --exclude A,B|auto               assets left out; auto: those without a move or with a price of 0 or less
        --asset COL --value COL          of a table with a row for each asset and date
        --time-format HOW                how dates are written, such as '%d.%m.%Y', '%Y-Q%q' (default: found)
        --decimal comma|point            before the decimals (default: told from the numbers)
        --missing HOW                    enter (assets enter when listed, leave when delisted), error, drop such
                                         dates, ffill carry on (default: enter, error where there is one asset)
        --splits HOW                     what is a split by ratio, volume and level: leave-out, keep, auto
                                         (default: auto, kept where the column says that prices are adjusted)
output  --report FILE.html --out FILE    one page, no network; forecasts and breaches as .csv or .json
        --json --force                   one JSON object; overwrite
        --quiet --no-color               errors only; plain text
run     --backend NAME                   native or reference (default: the fastest that loads)
`;
