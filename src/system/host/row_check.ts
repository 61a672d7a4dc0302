/** Which rows of a batch an engine may see: values as its declaration says, times that do not fall. */
import type { Topic } from "../../bus/bus.js";
import { TickforgeError } from "../../core/contract/errors.js";
import type { TakenColumn, TakenTopic } from "../kit/engine.js";

type Values = Float64Array | Int8Array | Uint32Array;
type AnyColumns = Readonly<Record<string, ArrayLike<number> & { readonly buffer: ArrayBufferLike; readonly byteOffset: number }>>;

/** A bad value makes its row refused, not the batch: rows around it are taken. */
export class RowCheck {
  private readonly values: readonly { readonly name: string; readonly width: number; readonly check: TakenColumn }[];
  private readonly rising: { readonly name: string; readonly each: boolean } | undefined;
  /** 32-bit halves of the times of each slot: a BigInt a row would cost more than all else. */
  private readonly halves: { low: Uint32Array; high: Int32Array }[] = [];
  private readonly high: Int32Array;
  private readonly low: Uint32Array;

  /** `last`: 8 bytes, or as many for each instrument, where `ascending` says so; zeros to begin with. */
  constructor(
    taken: TakenTopic,
    private readonly topic: Topic,
    private readonly instruments: number,
    last: Uint8Array,
  ) {
    const present = Object.entries(taken.columns).filter(([name]) => topic.columns[name] !== undefined);
    const checked = ({ min, above, max, instrument, dtype }: TakenColumn) =>
      instrument || min !== undefined || above !== undefined || max !== undefined || dtype.startsWith("f");
    this.values = present.filter(([, check]) => checked(check)).map(([name, check]) => ({ name, check, width: check.width ?? 1 }));
    const rising = present.find(([, { ascending }]) => ascending !== undefined);
    this.rising = rising && { name: rising[0], each: rising[1].ascending === "instrument" };
    // Stored as their distance from the lowest of all, so that zeros are a beginning.
    const words = last.byteLength >> 3;
    this.high = new Int32Array(last.buffer, last.byteOffset, words);
    this.low = new Uint32Array(last.buffer, last.byteOffset + 4 * words, words);
  }

  static lastBytes({ columns }: TakenTopic, instruments: number): number {
    const rising = Object.values(columns).find(({ ascending }) => ascending !== undefined);
    return rising === undefined ? 0 : 8 * (rising.ascending === "instrument" ? instruments : 1);
  }

  /** Rows [from, returned) are good; those are counted as taken. `returned` is `to`, or the first bad row. */
  good(columns: AnyColumns, slot: number, from: number, to: number): number {
    let end = to;
    for (const { name, width, check } of this.values) {
      const limit = check.instrument ? this.instruments - 1 : (check.max ?? Number.MAX_VALUE);
      end = goodValues(columns[name] as Values, width, from, end, check, limit);
    }
    return this.rising ? this.goodTimes(columns, slot, from, end) : end;
  }

  private goodTimes(columns: AnyColumns, slot: number, from: number, to: number): number {
    const { name, each } = this.rising!;
    const halves = (this.halves[slot] ??= halvesOf(columns[name]!));
    const { low, high } = halves;
    const ids = each ? (columns.instrument as unknown as Uint32Array) : undefined;
    for (let row = from; row < to; row++) {
      const place = ids ? ids[row]! : 0;
      const h = (high[2 * row + 1]! ^ -0x8000_0000) | 0;
      const l = low[2 * row]!;
      const [lastHigh, lastLow] = [this.high[place]! >>> 0, this.low[place]!];
      const now = h >>> 0;
      if (now < lastHigh || (now === lastHigh && l < lastLow)) return row;
      this.high[place] = h;
      this.low[place] = l;
    }
    return to;
  }

  /** What is wrong with a row that `good` stopped at. */
  fault(columns: AnyColumns, row: number): TickforgeError {
    const { topic } = this;
    const wrong = (column: string, value: unknown, wants: string) =>
      new TickforgeError("E_BAD_VALUE", `'${column}' is ${value}, expected ${wants}`, { port: column, row, value });
    for (const { name, width, check } of this.values)
      for (let i = row * width; i < (row + 1) * width; i++) {
        const value = columns[name]![i]!;
        const limit = check.instrument ? this.instruments - 1 : (check.max ?? Number.MAX_VALUE);
        if (goodValues([value] as unknown as Values, 1, 0, 1, check, limit) === 1) continue;
        return wrong(name, value, check.instrument ? `an instrument of the system, 0 to ${limit}` : wantsOf(check));
      }
    const time = (columns as unknown as Record<string, BigInt64Array>)[this.rising?.name ?? ""]?.[row];
    return wrong(this.rising?.name ?? topic.name, time, "a time that is not before the one of the row taken last");
  }
}

function goodValues(values: Values, width: number, from: number, to: number, check: TakenColumn, max: number): number {
  const { min = -Number.MAX_VALUE, above = Number.NEGATIVE_INFINITY, nan } = check;
  for (let i = from * width; i < to * width; i++) {
    const value = values[i]!;
    if (value >= min && value > above && value <= max) continue;
    if (nan && Number.isNaN(value)) continue;
    return Math.floor(i / width);
  }
  return to;
}

function wantsOf({ min, above, max, nan, dtype }: TakenColumn): string {
  const low = above !== undefined ? `> ${above}` : min !== undefined ? `>= ${min}` : "";
  const high = max === undefined ? "" : `<= ${max}`;
  const range = [low, high].filter(Boolean).join(" and ");
  return `a ${dtype.startsWith("f") ? "finite " : ""}number${range && ` ${range}`}${nan ? ", or NaN for none" : ""}`;
}

const halvesOf = ({ buffer, byteOffset, length }: AnyColumns[string]) => ({
  low: new Uint32Array(buffer, byteOffset, 2 * length),
  high: new Int32Array(buffer, byteOffset, 2 * length),
});
