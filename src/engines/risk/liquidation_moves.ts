/**
 * How far all prices of an account may move by one ratio until its equity is its maintenance requirement. Unlike liquidation_distance, which
 * holds the requirement still, both are taken at the moved prices: that of a sold asset grows as it rises.
 */
import type { BoundKernel } from "../../core/call/bind.js";
import { marginGrid, scanScenarios } from "../../kernels/risk/margin/margin_grid.js";
import { portfolioMargin } from "../../kernels/risk/margin/portfolio_margin.js";
import type { MarginBook } from "../margin_book.js";

/** As liquidation_distance looks for a first crossing: rungs, halvings, the last rungs. */
const rungs = 32;
const halvings = 40;
const furthest = { down: -(1 - 1e-6), up: 3 };
const rung = (k: number, end: number) => end * (k / rungs) ** 2;

export interface LiquidationOptions {
  readonly accounts: number;
  readonly groups: number;
  readonly priceRange: Float64Array;
  readonly volatilityRange: Float64Array;
  readonly backend?: string | undefined;
}
interface Margins {
  readonly equity: Float64Array;
  readonly maintenance: Float64Array;
}

export class LiquidationMoves {
  /** Of each account: ratio that prices must fall, or rise; Infinity where no such move does it, 0 where it is there. */
  readonly down: Float64Array;
  readonly up: Float64Array;
  private readonly exposure: Float64Array;
  private readonly curved: Uint8Array;
  private readonly repriced: Repriced | undefined;

  constructor(
    options: LiquidationOptions,
    private readonly book: MarginBook,
    cash: Float64Array,
  ) {
    const { accounts } = options;
    const { account, kind, minimum } = book.columns;
    this.down = new Float64Array(accounts);
    this.up = new Float64Array(accounts);
    this.exposure = new Float64Array(accounts);
    this.curved = new Uint8Array(accounts);
    account.forEach((a, i) => {
      if (kind[i] === 1 || kind[i] === 2 || (minimum?.[i] ?? 0) > 0) this.curved[a] = 1;
    });
    this.repriced = this.curved.includes(1) ? new Repriced(options, book, cash, this.curved) : undefined;
  }

  /** At the present prices and requirements. */
  update({ equity, maintenance }: Margins): void {
    const { down, up, exposure, curved } = this;
    this.expose();
    for (let a = 0; a < down.length; a++) {
      // Equity moves by exposure, the requirement in proportion to prices.
      const [room, slope] = [equity[a]! - maintenance[a]!, exposure[a]! - maintenance[a]!];
      const fall = slope > 0 ? room / slope : Number.POSITIVE_INFINITY;
      down[a] = room <= 0 ? 0 : fall < 1 ? fall : Number.POSITIVE_INFINITY;
      up[a] = room <= 0 ? 0 : slope < 0 ? room / -slope : Number.POSITIVE_INFINITY;
    }
    if (!this.repriced) return;
    const [falls, rises] = [this.repriced.first(furthest.down), this.repriced.first(furthest.up)];
    for (let a = 0; a < down.length; a++) {
      if (curved[a] === 0 || equity[a]! <= maintenance[a]!) continue;
      down[a] = Math.abs(falls[a]!);
      up[a] = Math.abs(rises[a]!);
    }
  }

  /** What positions gain were all prices to double, where they are in proportion. */
  private expose(): void {
    const { account, underlying, quantity, multiplier } = this.book.columns;
    const { exposure, book } = this;
    exposure.fill(0);
    for (let i = 0; i < account.length; i++)
      if (!Number.isNaN(book.value[i])) exposure[account[i]!]! += quantity[i]! * (multiplier?.[i] ?? 1) * book.price[underlying[i]!]!;
  }
}

/** Accounts whose worth is no straight line of prices: their positions at prices of their own, moved for each account by itself. */
class Repriced {
  private readonly rows: Uint32Array;
  private readonly changing: { readonly quantity: Float64Array; readonly expiry: Float64Array; readonly volatility: Float64Array };
  private readonly price: Float64Array;
  private readonly out: Record<"equity" | "maintenance" | "initial" | "excess" | "call", Float64Array> & { unpriced: Int32Array };
  private readonly kernels: readonly BoundKernel[];

  constructor(
    private readonly options: LiquidationOptions,
    private readonly book: MarginBook,
    cash: Float64Array,
    private readonly curved: Uint8Array,
  ) {
    const { accounts, groups, priceRange, volatilityRange, backend } = options;
    const all = book.columns;
    this.rows = Uint32Array.from([...all.account.keys()].filter((i) => curved[all.account[i]!] === 1));
    const pick = <T extends Float64Array | Uint32Array | Uint8Array>(column: T): T =>
      (column.constructor as unknown as { from(rows: Uint32Array, of: (i: number) => number): T }).from(this.rows, (i) => column[i]!);
    const picked = Object.fromEntries(Object.entries(all).map(([name, column]) => [name, pick(column)])) as unknown as Required<typeof all>;
    const { account, group, minimum, underlying, ...rest } = picked;
    this.changing = { quantity: rest.quantity, expiry: rest.expiry, volatility: rest.volatility };
    const n = priceRange.length;
    this.price = new Float64Array(accounts * n);
    const each = (column: Float64Array) => Float64Array.from(this.price, (_, i) => column[i % n]!);
    const inputs = { ...rest, underlying: underlying.map((u, i) => account[i]! * n + u), price: this.price };
    const ranges = { priceRange: each(priceRange), volatilityRange: each(volatilityRange) };
    const how = backend === undefined ? {} : { backend };
    const count = this.rows.length;
    const scenarios = scanScenarios.share.length;
    const grid = { profit: new Float64Array(count * scenarios), value: new Float64Array(count), status: new Uint8Array(count) };
    const money = () => new Float64Array(accounts);
    this.out = {
      equity: money(),
      maintenance: money(),
      initial: money(),
      excess: money(),
      call: money(),
      unpriced: new Int32Array(accounts),
    };
    this.kernels = [
      marginGrid.bind({ in: { ...inputs, ...ranges, ...scanScenarios }, out: grid }, { bad: "mark" }, how),
      portfolioMargin.bind(
        { in: { profit: grid.profit, value: grid.value, account, group, minimum, cash }, out: this.out },
        { scenarios, groups, bad: "leave_out" },
        how,
      ),
    ];
  }

  /** Size of the first move of each account towards `end` at which nothing is left, Infinity where there is none. */
  first(end: number): Float64Array {
    const { accounts } = this.options;
    for (const name of ["quantity", "expiry", "volatility"] as const)
      this.rows.forEach((row, i) => {
        this.changing[name][i] = this.book.columns[name][row]!;
      });
    const at = new Float64Array(accounts).fill(Number.POSITIVE_INFINITY);
    const move = new Float64Array(accounts);
    for (let k = 1; k <= rungs && at.some((x, a) => this.curved[a] === 1 && x === Number.POSITIVE_INFINITY); k++) {
      const excess = this.excess(move.fill(rung(k, end)));
      for (let a = 0; a < accounts; a++) if (at[a] === Number.POSITIVE_INFINITY && excess[a]! <= 0) at[a] = k;
    }
    const near = at.map((k) => (k === Number.POSITIVE_INFINITY ? 0 : rung(k - 1, end)));
    const far = at.map((k) => (k === Number.POSITIVE_INFINITY ? 0 : rung(k, end)));
    for (let round = 0; round < halvings; round++) {
      for (let a = 0; a < accounts; a++) move[a] = (near[a]! + far[a]!) / 2;
      const excess = this.excess(move);
      for (let a = 0; a < accounts; a++) (excess[a]! <= 0 ? far : near)[a] = move[a]!;
    }
    return far.map((x, a) => (at[a] === Number.POSITIVE_INFINITY ? at[a] : x));
  }

  private excess(move: Float64Array): Float64Array {
    const { price, book, kernels, out } = this;
    const n = book.price.length;
    for (let i = 0; i < price.length; i++) price[i] = book.price[i % n]! * (1 + move[Math.floor(i / n)]!);
    for (const run of kernels) run();
    return out.excess;
  }
}
