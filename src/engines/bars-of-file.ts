/** A tape whose rows are bars of a file, not trades: what cannot be had of them, and how many fill a bucket. */
import { DataError } from "../errors.js";
import { type Choice, chooseBucket, type Tape } from "./choice.js";
import { parseMeasures, usualMeasures } from "./measure-list.js";

interface Asked {
  classify?: string | undefined;
  barSeconds?: number | undefined;
  empty?: string | undefined;
  measures?: string | undefined;
  recorder?: unknown;
}

/** What needs trades is refused by name where there are none. */
export function refuseForBars({ classify, barSeconds, empty, measures = "none", recorder }: Asked): void {
  const refuse = (what: string, hint = "leave it out") => {
    throw new DataError("E_BARS", `${what}, and the file holds bars`, { hint });
  };
  if (classify !== undefined && classify !== "bvc")
    refuse(`--classify ${classify} needs trades`, "leave it out: sides come from the price changes of the bars (bvc)");
  if (empty === "emit") refuse("--empty emit makes bars of trades");
  if (barSeconds !== undefined) refuse("--bars makes bars of trades", "leave it out: the bars of the file are taken as they are");
  if (measures !== usualMeasures && parseMeasures(measures).length > 0) refuse(`--measures ${measures} needs trades`);
  if (recorder) refuse("--record keeps trades");
}

/** No side is drawn for a bar as for a trade: how many of them fill a bucket is what counts. */
export function chooseForBars(of: Tape): Choice {
  const choice = chooseBucket({ ...of, shape: { ...of.shape, typicalTrade: 0 } });
  return { ...choice, why: choice.why.replace(/typical (seconds|trades)/, "typical bars") };
}
