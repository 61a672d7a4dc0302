/** Fees of fills: rates by who rested, and by what was traded in the thirty days before. */
import { needObject } from "../../core/contract/arguments.js";
import { didYouMean, TickforgeError } from "../../core/contract/errors.js";
import { type FeeTable, feeTables } from "./fee_tables.js";

/** The table that is meant, checked; two rates are a table of one tier. */
export function feeTableOf(
  fees: string | FeeTable | { readonly maker: number; readonly taker: number } = { maker: 0, taker: 0 },
): FeeTable {
  if (typeof fees === "string") return tableNamed(fees);
  needObject("fees", fees);
  const table = "tiers" in fees ? fees : { tiers: [{ volume: 0, maker: fees.maker, taker: fees.taker }] };
  let last = -1;
  for (const [i, { volume, maker, taker }] of table.tiers.entries()) {
    const wrong = [volume, maker, taker].find((value) => !Number.isFinite(value));
    if (wrong !== undefined) throw refused(`tier ${i} has ${wrong}, expected numbers`, wrong);
    if (i === 0 ? volume !== 0 : volume <= last)
      throw refused(`tier ${i} begins at ${volume}: the first begins at 0, each above the last`, volume);
    last = volume;
  }
  if (table.tiers.length === 0) throw refused("no tiers", 0);
  return table;
}

function tableNamed(name: string): FeeTable {
  const table = Object.hasOwn(feeTables, name) ? feeTables[name] : undefined;
  if (table) return table;
  const near = didYouMean(name, Object.keys(feeTables));
  throw new TickforgeError("E_OPTION_RANGE", `no fee table "${name}"${near ? `: did you mean "${near}"?` : ""}`, {
    option: "fees",
    value: name,
    hint: `Tables: ${Object.keys(feeTables).join(", ")}; or give { maker, taker } as shares of what is traded.`,
  });
}

const refused = (what: string, value: unknown) =>
  new TickforgeError("E_OPTION_RANGE", `fees: ${what}`, {
    option: "fees",
    value,
    hint: "Give tiers of { volume, maker, taker }, the lowest first.",
  });

const hour = 3_600_000_000_000n;
const hours = 30 * 24;

/** Fees of one run. What was traded is kept by the hour, so its memory does not grow. */
export class Fees {
  /** Value traded in each hour of the last thirty days; the place of an hour is its number by 720. */
  private readonly traded = new Float64Array(hours);
  private first: bigint | undefined;
  private last = 0n;
  private reached = 0;

  constructor(
    private readonly table: FeeTable,
    /** Traded in the thirty days before the first fill, evenly. */
    private readonly before = 0,
  ) {
    if (!(before >= 0 && Number.isFinite(before)))
      throw new TickforgeError("E_OPTION_RANGE", `volumeBefore is ${before}, expected 0 or more`, {
        option: "volumeBefore",
        value: before,
      });
  }

  /** In currency, by the tier before this fill; below 0 a rebate. */
  of({
    time,
    price,
    size,
    maker,
  }: {
    readonly time: bigint;
    readonly price: number;
    readonly size: number;
    readonly maker: boolean;
  }): number {
    const now = time / hour;
    this.goOn(now);
    const { tiers } = this.table;
    let tier = 0;
    if (tiers.length > 1) for (const volume = this.volume(now); tier + 1 < tiers.length && tiers[tier + 1]!.volume <= volume; ) tier++;
    this.reached = Math.max(this.reached, tier);
    this.traded[Number(now % BigInt(hours))]! += price * size;
    const { maker: makes, taker: takes } = tiers[tier]!;
    return (maker ? makes : takes) * (this.table.of === "size" ? size : price * size);
  }

  /** The hours since the last fill are emptied. */
  private goOn(now: bigint): void {
    this.first ??= this.last = now;
    const passed = now - this.last;
    for (let k = 1n; k <= passed && k <= BigInt(hours); k++) this.traded[Number((this.last + k) % BigInt(hours))] = 0;
    this.last = now;
  }

  /** Traded in the thirty days up to an hour. */
  private volume(now: bigint): number {
    const gone = Number(now - this.first!) / hours;
    let sum = this.before * Math.max(0, 1 - gone);
    for (const value of this.traded) sum += value;
    return sum;
  }

  get remarks(): string[] {
    const { asOf, source, tiers } = this.table;
    if (!source) return [];
    const moves = tiers.length > 1 ? "; tiers go by what this run traded" : "";
    return [`fees as ${source} gave them${asOf ? ` in ${asOf}` : ""}${moves}: venues change them, so compare with today's`];
  }
}
