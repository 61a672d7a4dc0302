/** A tape whose rows are bars of a file, not trades: what cannot be had of them, and how many fill a bucket. */
import { DataError } from "../../core/contract/errors.js";
import { parseMeasures, usualMeasures } from "../../engines/measure_list.js";
import type { TapeFormat } from "../../importer/importer.js";
import { type Choice, chooseBucket, type Tape } from "./choice.js";

interface Asked {
  classify?: string | undefined;
  barSeconds?: number | undefined;
  empty?: string | undefined;
  measures?: string | undefined;
  recorder?: unknown;
}

/** What needs trades is refused by name where there are none. */
export function refuseForBars(
  { classify, barSeconds, empty, measures = "none", recorder }: Asked,
  { hasBought }: TapeFormat,
  hasRoom: boolean,
): void {
  const refuse = (what: string, hint = "leave it out") => {
    throw new DataError("E_BARS", `${what}, and the file holds bars`, { hint });
  };
  if (classify === "given" && !hasBought)
    refuse(
      "--classify given needs what buyers took of each bar, or trades",
      "leave it out: sides come from the price changes of the bars (bvc)",
    );
  if (classify === "given" && !hasRoom)
    refuse(
      "--classify given needs a second look at what is read as it comes",
      "leave out --bucket-volume: it is then kept in a temporary file",
    );
  if (classify !== undefined && classify !== "bvc" && classify !== "given")
    refuse(`--classify ${classify} needs trades`, "leave it out: sides come from the bars");
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

/** What buyers took of the rows of bars of a file, until the bars that they are in close. */
export class Bought {
  private rows: number[] = [];
  /** Row that the first of these is. */
  private first = 0;

  take(bought: Float64Array, from: number, to: number): void {
    for (let i = from; i < to; i++) this.rows.push(bought[i]!);
  }

  /** Shares of the bars that close with these rows; a bar without volume has none. */
  shares(endIndex: Float64Array, volume: Float64Array, bars: number, into: Float64Array): void {
    let at = 0;
    for (let bar = 0; bar < bars; bar++) {
      let sum = 0;
      for (; this.first + at <= endIndex[bar]! && at < this.rows.length; at++) sum += this.rows[at]!;
      into[bar] = volume[bar]! > 0 ? Math.min(1, sum / volume[bar]!) : 0.5;
    }
    this.rows = this.rows.slice(at);
    this.first += at;
  }
}
