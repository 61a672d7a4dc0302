/** Fills of a run, in columns that grow: some hundred bytes each, and nothing for the collector of garbage to go through. */
import type { BacktestFills } from "../../analysis/backtest.js";
import type { Market } from "../market/market.js";
import { together } from "../market/together.js";

/** What an order adds to a fill of it. */
export interface FilledOrder {
  readonly decided: bigint;
  readonly arrived: bigint;
  readonly midDecided: number;
  readonly midArrived: number;
  /** Ahead of it when it came to rest; NaN: it did not. */
  readonly queue: number;
}

export interface FillRow {
  readonly time: bigint;
  readonly told: bigint;
  readonly instrument: number;
  readonly side: number;
  readonly price: number;
  readonly size: number;
  readonly maker: boolean;
  readonly fee: number;
  readonly midFilled: number;
  readonly vpin: number;
  readonly cdf: number;
}

const [real, time] = [Float64Array, BigInt64Array] as const;
const columnsFor = {
  ...{
    time,
    decided: time,
    arrived: time,
    told: time,
    instrument: Uint32Array,
    side: Int8Array,
    price: real,
    size: real,
    maker: Uint8Array,
  },
  ...{ fee: real, midDecided: real, midArrived: real, midFilled: real, midAfter1: real, midAfter5: real, midAfter30: real },
  ...{ queue: real, vpin: real, cdf: real },
};
const firstRows = 256;

const second = 1_000_000_000n;
const horizons = [
  [second, "midAfter1"],
  [5n * second, "midAfter5"],
  [30n * second, "midAfter30"],
] as const;

export class FillColumns {
  count = 0;
  private columns = together(firstRows, columnsFor);
  /** By horizon: the first fill whose mid is not known yet. */
  private readonly waiting = horizons.map(() => 0);

  add(order: FilledOrder, row: FillRow): void {
    if (this.count === this.columns.time.length) this.grow();
    const { columns } = this;
    const i = this.count++;
    columns.time[i] = row.time;
    columns.decided[i] = order.decided;
    columns.arrived[i] = order.arrived;
    columns.told[i] = row.told;
    columns.instrument[i] = row.instrument;
    columns.side[i] = row.side;
    columns.price[i] = row.price;
    columns.size[i] = row.size;
    columns.maker[i] = row.maker ? 1 : 0;
    columns.fee[i] = row.fee;
    columns.midDecided[i] = order.midDecided;
    columns.midArrived[i] = order.midArrived;
    columns.midFilled[i] = row.midFilled;
    columns.queue[i] = row.maker ? order.queue : Number.NaN;
    columns.vpin[i] = row.vpin;
    columns.cdf[i] = row.cdf;
    for (const [, name] of horizons) columns[name][i] = Number.NaN;
  }

  private grow(): void {
    const old = this.columns;
    this.columns = together(2 * old.time.length, columnsFor);
    for (const name of Object.keys(old) as (keyof typeof old)[]) (this.columns[name] as Float64Array).set(old[name] as Float64Array);
  }

  /** Mids some time after fills, of the stretch at hand: all that lie before its end, or at it too where nothing follows. */
  look(market: Market): void {
    const { columns, waiting, count } = this;
    for (const [k, [horizon, name]] of horizons.entries()) {
      // Fills come in the order of time: of one instrument each looks on from where the one before it was.
      const places: number[] = [];
      for (; waiting[k]! < count; waiting[k]!++) {
        const i = waiting[k]!;
        const time = columns.time[i]! + horizon;
        if (time > market.end || (time === market.end && !market.ended)) break;
        const instrument = columns.instrument[i]!;
        const tape = market.tapes[instrument]!;
        const place = tape.upTo(time, places[instrument] ?? 0);
        places[instrument] = place;
        if (place > 0) columns[name][i] = tape.beside.mid[place - 1]!;
      }
    }
  }

  /** Distance of all fills from the mid when they were filled, what mids did from there to the end, value and fees. */
  sums(lastMid: (instrument: number) => number) {
    const { instrument, side, price, size, midFilled, fee } = this.columns;
    let [spread, inventory, value, fees] = [0, 0, 0, 0];
    for (let i = 0; i < this.count; i++) {
      // Where no mid was known then, all of it is what prices did afterwards.
      const from = Number.isNaN(midFilled[i]!) ? price[i]! : midFilled[i]!;
      spread += side[i]! * (from - price[i]!) * size[i]!;
      inventory += side[i]! * (lastMid(instrument[i]!) - from) * size[i]!;
      value += price[i]! * size[i]!;
      fees += fee[i]!;
    }
    return { spread, inventory, value, fees };
  }

  result(): BacktestFills {
    return Object.fromEntries(Object.entries(this.columns).map(([name, column]) => [name, column.slice(0, this.count)])) as never;
  }
}
