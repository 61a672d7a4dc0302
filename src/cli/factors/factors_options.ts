/** Values of the flags of factors -> options; what a kernel would refuse is refused here, before anything is read. */
import { existsSync } from "node:fs";
import { didYouMean } from "../../core/contract/errors.js";
import type { FactorOptions } from "../../studies/factors/factor_input.js";
import { text, type Values } from "../kit/args.js";
import { UsageError } from "../kit/exit.js";

/** Dates that a label looks ahead: those given by --forward-return N, or that its column spans. */
function horizonsOf(values: Values, list: readonly string[] | undefined): { horizons: number[]; label: string | undefined } {
  const ahead = text(values.forwardReturn);
  const column = ahead === undefined || /^\d+$/.test(ahead) ? undefined : ahead;
  if (ahead !== undefined && column === undefined && list)
    throw new UsageError("--forward-return N and --horizons both say how far to look ahead", "give one of them");
  const words = column === undefined ? (ahead === undefined ? (list ?? ["1", "5", "10", "20"]) : [ahead]) : (list ?? ["1"]);
  const horizons = words.map(Number);
  const flag = ahead !== undefined && column === undefined ? "forward-return" : "horizons";
  if (!horizons.every((h, i) => Number.isInteger(h) && h >= 1 && h <= 10_000 && (i === 0 || h > horizons[i - 1]!)))
    throw new UsageError(`--${flag} is ${words.join(",")}, expected whole numbers of dates, rising`, "such as 1,5,10");
  if (column !== undefined && horizons.length > 1)
    throw new UsageError(
      "--forward-return COLUMN looks one way ahead, --horizons names several",
      "--horizons N: the dates that its returns span",
    );
  return { horizons, label: column };
}

export type Options = FactorOptions & { horizons: readonly number[]; filingLag: number };

export function optionsOf(values: Values): Options {
  const list = (name: string): string[] | undefined =>
    text(values[name])
      ?.split(",")
      .map((word) => word.trim())
      .filter((word) => word !== "");
  const factors = list("factors");
  if (!factors || factors.length === 0)
    throw new UsageError("--factors names no factor", "columns of the panel, or momentum and size: --factors momentum,size");
  const twice = factors.find((name, i) => factors.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`--factors names ${twice} twice`, "name each factor once");
  const { horizons, label } = horizonsOf(values, list("horizons"));
  const whole = (name: string, flag: string, fallback: number, least: number, most: number): number => {
    const value = (values[name] as number | undefined) ?? fallback;
    if (value < least || value > most) throw new UsageError(`--${flag} is ${value}, expected ${least} to ${most}`);
    return value;
  };
  const weights = text(values.weights);
  if (weights !== undefined && !["cap", "equal"].includes(weights) && !existsSync(weights)) {
    const near = didYouMean(weights, ["cap", "equal"]);
    throw new UsageError(
      `--weights ${weights} is neither cap nor equal nor a file`,
      near ? `did you mean ${near}?` : "such as weights.csv",
    );
  }
  if (values.compareColumn !== undefined && values.compare === undefined)
    throw new UsageError("--compare-column goes with --compare FILE", "name the file of market returns");
  return {
    ...{ factors, horizons, forwardReturn: label },
    quantiles: whole("quantiles", "quantiles", 5, 2, 100),
    window: whole("window", "window", 504, 1, 10_000),
    lag: whole("lag", "lag", 20, 0, 10_000),
    halfLife: whole("halfLife", "half-life", 126, 1, 1_000_000),
    filingLag: whole("filingLag", "filing-lag", 90, 0, 3_650),
    mode: (text(values.mode) ?? "joint") as FactorOptions["mode"],
    price: text(values.price),
    return: text(values.return),
    cap: text(values.cap),
    sector: text(values.sector),
    splits: (text(values.splits) ?? "auto") as FactorOptions["splits"],
  };
}
