/** The part of a bar's volume that buyers took, where a file of bars has it: which column holds it, and whether a row's can be. */
import type { Role } from "../kernels/line.js";
import { looksLikeNumber, plainText, type Written } from "../kernels/written.js";
import type { Remark } from "./remarks.js";

export interface BoughtColumns {
  bought: number;
  sold?: number;
}

const folded = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");
/** Columns of those klines. */
const klineColumns = 12;
const takers = ["takerbuyvolume", "takerbuybaseassetvolume", "takerbuybasevolume", "takerbuybase", "takerbuyvol"];
const buys = ["buyvolume", "buyvol"];
const sales = ["sellvolume", "sellvol", "takersellvolume"];

/** In Binance's klines without names. */
const klinesBought: BoughtColumns = { bought: 9 };

interface Seen {
  readonly named: boolean;
  readonly names: readonly string[];
  values(column: number): readonly string[];
}

/** By its name; none where two columns could be it. What is called a buy volume alone must be one in most rows, or it is told that it is not read. */
export function findBought(
  seen: Seen,
  { size: volume = -1, ...others }: Partial<Record<Role, number>>,
  written: Written,
): { bought?: BoughtColumns; remarks: Remark[] } {
  if (!seen.named) return { ...(seen.names.length === klineColumns && { bought: klinesBought }), remarks: [] };
  const used = [volume, ...Object.values(others)];
  const one = (words: readonly string[]) => {
    const hits = seen.names.flatMap((name, i) => (!used.includes(i) && words.includes(folded(name)) ? [i] : []));
    return hits.length === 1 ? hits[0] : undefined;
  };
  const taken = one(takers);
  const bought = taken ?? one(buys);
  if (bought === undefined) return { remarks: [] };
  const sold = one(sales);
  const found = { bought, ...(sold !== undefined && { sold }) };
  const [texts, volumes, soldTexts] = [seen.values(bought), seen.values(volume), sold === undefined ? undefined : seen.values(sold)];
  const fits = texts.filter(
    (text, i) => !boughtFlaw({ bought: text, sold: soldTexts?.[i], volume: volumes[i]! }, { bought: "", sold: "" }, written),
  );
  if (taken !== undefined || 2 * fits.length > texts.length) return { bought: found, remarks: [] };
  const column = seen.names[bought]!;
  const what = `column '${column}' is no part of the volume of the bars${sold === undefined ? "" : `, or not with '${seen.names[sold]!}'`}`;
  return { remarks: [{ name: "unread_column", column, what, done: "not read: sides come from price changes", doubtful: true }] };
}

/** Sums of decimals that were added up in doubles. */
const rounding = 1e-6;

/** What is wrong with a row's, in words; of columns as text. A volume that is none is told elsewhere. */
export function boughtFlaw(
  { bought: boughtText, sold: soldText, volume: volumeText }: { bought: string; sold?: string | undefined; volume: string },
  names: { bought: string; sold?: string | undefined },
  written: Written,
): string | undefined {
  const number = (text: string) => (looksLikeNumber(text) ? Number(plainText(text, written) ?? Number.NaN) : Number.NaN);
  const [bought, volume] = [number(boughtText), number(volumeText)];
  if (!(volume >= 0)) return undefined;
  if (boughtText === "") return `${names.bought} is empty`;
  if (!Number.isFinite(bought)) return `${names.bought} is '${boughtText}', not a number`;
  if (bought < 0) return `${names.bought} is ${boughtText}, expected >= 0`;
  if (bought > volume * (1 + rounding)) return `${names.bought} is ${boughtText}, more than the volume of the bar (${volumeText})`;
  if (soldText === undefined) return undefined;
  const sold = number(soldText);
  if (Math.abs(bought + sold - volume) <= rounding * volume) return undefined;
  return `${names.bought} and ${names.sold} are ${boughtText} and ${soldText}, which is not the volume of the bar (${volumeText})`;
}
