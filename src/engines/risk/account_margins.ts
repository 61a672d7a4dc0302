/** Topics of prices, holdings and positions -> what each account has and needs, on a clock of event time -> topic of margin. */
import type { Batch, Publisher, Topic } from "../../bus/bus.js";
import { topic } from "../../bus/frame.js";
import type { BoundKernel } from "../../core/call/bind.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { checksum } from "../../core/state/checksum.js";
import { BarClock } from "../kit/bar_clock.js";
import { RowWriter } from "../kit/row_writer.js";
import { MarginBook } from "../margin_book.js";
import { States } from "../states.js";
import type { NamedBook } from "./book_file.js";
import { LiquidationMoves } from "./liquidation_moves.js";

export interface AccountMarginsOptions {
  readonly named: NamedBook;
  readonly priceRange: Float64Array;
  readonly volatilityRange: Float64Array;
  readonly initialRatio: number;
  /** 0: as of each price. */
  readonly interval: number;
  /** Holdings that change are paid from their account at the last price. */
  readonly settle: boolean;
  readonly distance: boolean;
  readonly backend?: string | undefined;
  readonly state?: ArrayBufferLike | undefined;
}

const money = { dtype: "f64" } as const;
const accountColumns = {
  time: { dtype: "i64" },
  account: { dtype: "u32" },
  equity: money,
  maintenance: money,
  initial: money,
  excess: money,
  call: money,
  down: money,
  up: money,
  unpriced: { dtype: "i32" },
} as const;
const i64 = { dtype: "i64" } as const;
const u32 = { dtype: "u32" } as const;
type PriceRows = Batch<{ time: typeof i64; instrument: typeof u32; price: typeof money }>;
/** `account` and `price` where the topic has them. */
type HoldingRows = Batch<{ time: typeof i64; instrument: typeof u32; quantity: typeof money; account: typeof u32; price: typeof money }>;
type PositionRows = Batch<{
  time: typeof i64;
  position: typeof u32;
  quantity: typeof money;
  expiry: typeof money;
  volatility: typeof money;
}>;

/** A row for each account, named by the symbols of the topic. */
export const accountMarginsTopic = (accounts: readonly string[]): Topic<typeof accountColumns> =>
  topic({
    name: "margin",
    columns: accountColumns,
    rows: Math.max(256, accounts.length),
    slots: 64,
    backpressure: "block",
    symbols: accounts,
  });

const stampOf = ({ book, cash, expires }: NamedBook): number =>
  [cash, expires, ...Object.values(book)].reduce(
    (crc, { buffer, byteOffset, byteLength }) => checksum(new Uint8Array(buffer, byteOffset, byteLength), crc),
    0,
  );

const nsPerYear = 365.25 * 86_400e9;

function partsOf(options: AccountMarginsOptions, states: States) {
  const { named, interval } = options;
  const cash = states.numbers(named.cash.length);
  /** Whether it is in use, and what book it is of. */
  const own = states.numbers(2);
  if (own[0] === 0) {
    cash.set(named.cash);
    own.set([1, stampOf(named)]);
  } else if (own[1] !== stampOf(named))
    throw new TickforgeError("E_STATE", "the book is another one than that which the state was made with", {
      hint: "start afresh, or change positions and holdings by their topics",
    });
  /** Of holdings that came before any price: quantities to be paid for. */
  const unpaid = states.numbers(named.holdings.length);
  const clock = new BarClock(Math.max(interval, 1e-9), 1, states);
  return { cash, unpaid, clock };
}

export class AccountMargins {
  private readonly parts: ReturnType<typeof partsOf>;
  private readonly book: MarginBook;
  private readonly margins: RowWriter<typeof accountColumns>;
  private readonly out: Record<"equity" | "maintenance" | "initial" | "excess" | "call", Float64Array> & { unpriced: Int32Array };
  private readonly compute: BoundKernel;
  private readonly moves: LiquidationMoves | undefined;
  private readonly instruments: number;

  constructor(
    private readonly options: AccountMarginsOptions,
    results: Publisher,
  ) {
    const { named, priceRange, volatilityRange, initialRatio, backend, distance } = options;
    const states = new States(options.state);
    this.parts = partsOf(options, states);
    this.book = new MarginBook({ book: named.book, priceRange, volatilityRange, backend }, states);
    this.margins = new RowWriter(results as unknown as Publisher<typeof accountColumns>);
    this.instruments = priceRange.length;
    const accounts = named.accounts.length;
    const real = () => new Float64Array(accounts);
    this.out = { equity: real(), maintenance: real(), initial: real(), excess: real(), call: real(), unpriced: new Int32Array(accounts) };
    const { groups } = named;
    this.compute = this.book.margins(this.parts.cash, this.out, { groups, initialRatio });
    const how = { accounts, groups, priceRange, volatilityRange, backend };
    this.moves = distance ? new LiquidationMoves(how, this.book, this.parts.cash) : undefined;
  }

  static stateBytes(options: AccountMarginsOptions): number {
    const states = new States();
    partsOf(options, states);
    return states.bytes + MarginBook.stateBytes({ ...options, book: options.named.book });
  }

  takePrices({ columns: { time, instrument, price }, rows }: PriceRows, from: number): number {
    return this.each(time, from, rows, (row) => {
      const u = instrument[row]!;
      this.pay(u, price[row]!);
      this.book.setPrice(u, price[row]!);
    });
  }

  /** What an account holds of an instrument itself. */
  takeHoldings({ columns: { time, instrument, quantity, account, price }, rows }: HoldingRows, from: number): number {
    const { named, settle } = this.options;
    return this.each(time, from, rows, (row) => {
      const place = (account?.[row] ?? 0) * this.instruments + instrument[row]!;
      const position = named.holdings[place]!;
      const paid = price?.[row] ?? Number.NaN;
      const at = paid > 0 ? paid : this.book.price[instrument[row]!]!;
      const bought = quantity[row]! - this.book.quantityOf(position);
      if (settle && at > 0) this.parts.cash[account?.[row] ?? 0]! -= bought * at;
      else if (settle) this.parts.unpaid[place]! += bought;
      this.book.setPosition(position, { quantity: quantity[row]! });
    });
  }

  /** Rows of the book by their number, as the file has them. */
  takePositions({ columns: { time, position, quantity, expiry, volatility }, rows }: PositionRows, from: number): number {
    return this.each(time, from, rows, (row) =>
      this.book.setPosition(position[row]!, { quantity: quantity[row]!, expiry: expiry[row]!, volatility: volatility[row]! }),
    );
  }

  private pay(instrument: number, price: number): void {
    const { unpaid, cash } = this.parts;
    for (let a = 0; a < cash.length; a++) {
      const place = a * this.instruments + instrument;
      if (unpaid[place] === 0) continue;
      cash[a]! -= unpaid[place]! * price;
      unpaid[place] = 0;
    }
  }

  private each(time: BigInt64Array, from: number, rows: number, apply: (row: number) => void): number {
    const { parts, margins } = this;
    const clocked = this.options.interval > 0;
    let row = from;
    for (; row < rows; row++) {
      if (clocked ? !parts.clock.reach(time[row]!, this.end) : !margins.room(this.out.equity.length)) break;
      apply(row);
      if (!clocked) this.end(0, time[row]!);
    }
    margins.flush();
    return row;
  }

  /** All accounts, or none. */
  private readonly end = (_: number, time: bigint): boolean => {
    const { book, out, margins, moves, options } = this;
    if (!margins.room(out.equity.length)) return false;
    options.named.expires.forEach((at, position) => {
      if (!Number.isNaN(at)) book.setPosition(position, { expiry: (at - Number(time)) / nsPerYear });
    });
    book.reprice();
    this.compute();
    moves?.update(out);
    for (let account = 0; account < out.equity.length; account++) {
      const [equity, maintenance, initial] = [out.equity[account]!, out.maintenance[account]!, out.initial[account]!];
      const [excess, call, unpriced] = [out.excess[account]!, out.call[account]!, out.unpriced[account]!];
      const [down, up] = [moves?.down[account] ?? Number.NaN, moves?.up[account] ?? Number.NaN];
      margins.write({ time, account, equity, maintenance, initial, excess, call, down, up, unpriced });
    }
    return true;
  };
}
