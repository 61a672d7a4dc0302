/**
 * Bucket volume and bar length by the tape. Easley, Lopez de Prado and O'Hara (2012) take 50 buckets a day and bars of a minute, about 27
 * bars a bucket; on a tape of hours that gives too few buckets to rank, and on a busy or a thin one bars or trades as large as a bucket.
 */
import { DataError } from "../../core/contract/errors.js";
import { barLengths, type Shape } from "../../importer/shape.js";

const bucketsADay = 50;
/** A short tape is cut finer, for enough values to rank. */
export const fewestBuckets = 1000;
/** With n equal trades of random side a bucket's imbalance is about sqrt(2 / (pi n)) by chance alone: 0.11 with 50, 0.25 with 10. */
const units = { wanted: 50, least: 10 };
/** Bars are to be far smaller than a bucket. */
const bars = { wanted: 25, least: 10 };

export interface Choice {
  bucketVolume: number;
  /** In a few words. */
  why: string;
  /** Trades that would be needed for one VPIN, where these are not enough. */
  needed?: number;
}

export interface Tape {
  volume: number;
  trades: number;
  shape: Shape;
  window: number;
  /** Whether sides come from bars: a bucket is then to hold many of the shortest. */
  byBars: boolean;
}

/** Down to twelve digits: the last bucket of a file must not hang on how the sum of its volume was rounded. */
function cut(volume: number): number {
  const step = 10 ** (Math.floor(Math.log10(volume)) - 11);
  return volume > 0 ? Number((Math.floor(volume / step) * step).toPrecision(12)) : 0;
}

export function chooseBucket({ volume, trades, shape, window, byBars }: Tape): Choice {
  const { typicalTrade, typicalBars, days } = shape;
  const floor = (of: "wanted" | "least") => Math.max(units[of] * typicalTrade, byBars ? bars[of] * typicalBars[0]! : 0);
  const daily = bucketsADay * days;
  const count = Math.max(fewestBuckets, daily);
  const usual = cut(volume / count) || 1;
  if (usual >= floor("wanted")) {
    const why = daily > fewestBuckets ? `${bucketsADay} a day` : `file volume / ${fewestBuckets.toLocaleString("en-US")}`;
    return { bucketVolume: usual, why };
  }
  const wide = floor("wanted");
  const unit = byBars && bars.wanted * typicalBars[0]! >= units.wanted * typicalTrade ? "typical seconds" : "typical trades";
  if (volume / wide >= 2 * window)
    return { bucketVolume: cut(wide), why: `${unit === "typical trades" ? units.wanted : bars.wanted} ${unit} each` };
  const least = Math.max(floor("least"), volume / (2 * window));
  if (volume / least >= window) return { bucketVolume: cut(least), why: `few: ${units.least} to ${units.wanted} typical trades each` };
  return { bucketVolume: cut(least) || 1, why: "too few trades", needed: Math.ceil((trades * window * least) / volume) };
}

/** The longest of which many fill a bucket; the shortest where there is none. */
export const chooseBars = (bucketVolume: number, { typicalBars }: Shape): number =>
  barLengths.findLast((_, i) => bucketVolume >= bars.wanted * typicalBars[i]!) ?? barLengths[0];

/** Of all instruments of a tape. */
export class TooFewTrades extends DataError {
  constructor(
    readonly trades: number,
    readonly needed: number,
    window: number,
    rows: string,
  ) {
    const [have, need] = [trades.toLocaleString("en-US"), needed.toLocaleString("en-US")];
    super(
      "E_TOO_FEW_TRADES",
      `no bucket volume is sound: ${have} ${trades === 1 ? rows.replace(/s$/, "") : rows}, and a VPIN over ${window} buckets needs about ${need} of such sizes`,
      {
        value: trades,
        hint: `more ${rows}, a smaller --window, or --bucket-volume V to have it all the same`,
      },
    );
  }
}

/** Where not one instrument has enough trades for one VPIN. */
export function refuseThin(choices: readonly Choice[], trades: readonly number[], window: number, rows = "trades"): void {
  const some = trades.some((count) => count > 0);
  if (!some || choices.some(({ needed }) => needed === undefined)) return;
  const most = trades.indexOf(Math.max(...trades));
  throw new TooFewTrades(trades[most]!, choices[most]!.needed!, window, rows);
}

/** Of a tape; larger ones than any market's are an error in the data. */
const largestVolume = 1e30;

/** Of such a sum buckets can be made. */
export const bucketable = (volume: number): boolean => volume >= 1 / largestVolume && volume <= largestVolume;

/** Before anything is chosen by them; an instrument without volume is told otherwise. */
export function refuseVast(volumes: readonly number[]): void {
  const vast = volumes.find((volume) => volume !== 0 && !bucketable(volume));
  if (vast !== undefined)
    throw new DataError(
      "E_BAD_VALUE",
      `the sizes of the trades sum to ${vast}, of which no bucket can be made: one of them must be wrong`,
      {
        value: vast,
        hint: "look at the column of sizes, or say how large a bucket is: --bucket-volume V",
      },
    );
}
