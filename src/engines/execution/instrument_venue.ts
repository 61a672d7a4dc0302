/** The venue of one instrument: rows of the market and requests, in its ticks and lots, through the kernel that holds own orders against them. */
import type { BoundKernel } from "../../core/call/bind.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { matching } from "../../kernels/flow/book/matching.js";
import { answersOfOne, kinds, reasons, told } from "../../kernels/flow/parts/exchange.js";
import { multiplesOf } from "../kit/grid.js";
import type { States } from "../states.js";

export interface VenueTerms {
  /** `quotes`: the best level of each side alone; `book_changes`: every level; `none`: trades alone. */
  readonly book: "quotes" | "book_changes" | "none";
  readonly queue: "risk_averse" | "power";
  readonly beyond: "unknown" | "empty";
  /** Of book_changes: levels held of each side. */
  readonly depth: number;
  readonly own: number;
  readonly answers: number;
  /** ns. */
  readonly entryLatency: number;
  readonly answerLatency: number;
  readonly tick: number;
  readonly lot: number;
  readonly maker: number;
  readonly taker: number;
  readonly backend?: string | undefined;
}

/** `reason` of an order that is not of this market, beside those of the kernel. */
export const offGrid = 8;
/** A market order: the kind `submit` and its type. */
export const market = kinds.submit + 1;

/** A quote is four rows at most: the best levels that were, and those that are. */
const mostRows = 4;
const mostEvents = 64;

/** Of the market: what is not whole counts as less of a trade, and as more of a level. */
const fewest = (value: number, unit: number) => Math.floor(value / unit + 1e-6);
const most = (value: number, unit: number) => Math.ceil(value / unit - 1e-6);

/** Columns in the state: a row that was begun is ended by whoever continues. */
const columns = (rows: number, states: States) => ({
  ...{ time: states.times(rows), kind: states.view(Uint8Array, rows), order: states.times(rows), side: states.view(Int8Array, rows) },
  ...{ price: states.numbers(rows), size: states.numbers(rows) },
});
const events = (rows: number, states: States) => {
  const numbers = () => states.numbers(rows);
  const small = () => states.view(Uint8Array, rows);
  return {
    ...columns(rows, states),
    ...{ happened: states.times(rows), reason: small(), maker: small(), left: numbers(), fee: numbers() },
    ...{ queue: numbers(), position: numbers(), cash: numbers(), fees: numbers(), row: numbers() },
  };
};
export type Events = ReturnType<typeof events>;

export class InstrumentVenue {
  readonly events: Events;
  private readonly rows: ReturnType<typeof columns>;
  private readonly state: Readonly<Record<"horizon" | "takenCount" | "requestEnds" | "answerEnds", Float64Array>>;
  /** Best bid and ask in ticks as quotes told them last, and whether there was one. */
  private readonly best: Float64Array;
  private readonly shown: Float64Array;
  private run: BoundKernel | undefined;
  /** Rows staged, how many of them were gone through; events that came of them, how many of those were told. */
  private readonly progress: Float64Array;

  constructor(
    private readonly terms: VenueTerms,
    states: States,
  ) {
    this.state = states.kernel(matching as never, this.options) as never;
    this.best = states.numbers(2);
    this.shown = states.numbers(2);
    this.events = events(mostEvents, states);
    this.rows = columns(mostRows, states);
    this.progress = states.numbers(4);
  }

  private get options() {
    const { book, depth, beyond, queue, own, answers, entryLatency, answerLatency, tick, lot, maker, taker } = this.terms;
    // Quotes tell of one level: what lies behind it is not known, and falls off.
    const levels = book === "book_changes" ? { depth, beyond } : { depth: 1, beyond: book === "none" ? ("empty" as const) : beyond };
    return { ...levels, queue, own, answers, orders: 1, entryLatency, answerLatency, tick, lot, maker, taker };
  }

  /** Whether a request or an answer is on its way. */
  get pending(): boolean {
    return this.state.requestEnds[1]! + this.state.answerEnds[1]! > 0;
  }

  /** Time passes. */
  clock(time: bigint): void {
    this.stage(time, kinds.clock, 0n, 0, 0, 0);
  }

  /** False: not on the grid, or nobody knows who was the aggressor, and it is left out. */
  trade(time: bigint, side: number, price: number, size: number): boolean {
    const ticks = multiplesOf(price, this.terms.tick);
    const aggressor = side === 0 ? this.aggressorAt(ticks) : side;
    if (Number.isNaN(ticks) || aggressor === 0) return false;
    this.stage(time, kinds.trade, 0n, aggressor, ticks, fewest(size, this.terms.lot));
    return true;
  }
  /** By the quote (Lee & Ready 1991); 0 between the sides, or without one. */
  private aggressorAt(ticks: number): number {
    const [bid, ask] = this.best;
    if (this.shown[1] === 1 && ticks >= ask!) return 1;
    return this.shown[0] === 1 && ticks <= bid! ? -1 : 0;
  }

  /** NaN: there is none. False: not on the grid, and the quote is left out. */
  quote(time: bigint, bid: number, bidSize: number, ask: number, askSize: number): boolean {
    const { tick, lot } = this.terms;
    const prices = [bid, ask].map((price) => multiplesOf(price, tick));
    if ([bid, ask].some((price, i) => !Number.isNaN(price) && Number.isNaN(prices[i]!))) return false;
    const sizes = [bidSize, askSize].map((size) => (Number.isNaN(size) ? 0 : most(size, lot)));
    for (const which of [0, 1]) {
      const [sign, was] = [which === 0 ? 1 : -1, this.best[which]!];
      const better = prices[which]! * sign > was * sign;
      // A level behind a better one is not shown any more: what own orders took of it may be there again once it is.
      if (this.shown[which] === 1 && better) this.state.takenCount[which] = 0;
      if (this.shown[which] === 1 && !better && prices[which] !== was) this.stage(time, kinds.level, 0n, sign, was, 0);
    }
    for (const which of [0, 1]) {
      this.shown[which] = Number.isNaN(prices[which]!) ? 0 : 1;
      this.best[which] = this.shown[which] === 1 ? prices[which]! : 0;
      if (this.shown[which] === 1) this.stage(time, kinds.level, 0n, which === 0 ? 1 : -1, prices[which]!, sizes[which]!);
    }
    // What fell off is worse than the best, which is all that can be taken.
    this.state.horizon.fill(Number.NEGATIVE_INFINITY);
    if (this.progress[0] === 0) this.clock(time);
    return true;
  }

  /** A level holds `size` from now on; `resets`: the book begins anew with it. False: not on the grid, and it is left out. */
  level(time: bigint, side: number, price: number, size: number, resets: boolean): boolean {
    const ticks = multiplesOf(price, this.terms.tick);
    if (resets) this.stage(time, kinds.reset, 0n, 0, 0, 0);
    if (side !== 0 && !Number.isNaN(ticks)) this.stage(time, kinds.level, 0n, side, ticks, most(size, this.terms.lot));
    else if (!resets) this.clock(time);
    return side === 0 || !Number.isNaN(ticks);
  }

  /** A request of the trader, `kind` as of the kernel. One that is not on the grid, or of no side, is rejected. */
  request(time: bigint, kind: number, order: bigint, side: number, price: number, size: number): void {
    const ticks = kind === market || kind === kinds.cancel ? 0 : multiplesOf(price, this.terms.tick);
    const lots = kind === kinds.cancel ? 0 : multiplesOf(size, this.terms.lot);
    if (Number.isNaN(ticks) || Number.isNaN(lots) || (side === 0 && kind < kinds.cancel))
      this.refuse(time, order, side, price, size, offGrid);
    else if (!this.roomy) this.refuse(time, order, side, price, size, reasons.noRoom);
    else this.stage(time, kind, order, side, ticks, lots);
  }
  /** Whether answers to one more request find room beside all that may come before it is answered: the kernel takes no more than there is. */
  private get roomy(): boolean {
    const { own, answers } = this.terms;
    const { requestEnds, answerEnds } = this.state;
    return answerEnds[1]! + 2 * requestEnds[1]! + 2 * own + 2 * answersOfOne <= answers;
  }

  /** Told at once, without its having gone to the venue. */
  private refuse(time: bigint, order: bigint, side: number, price: number, size: number, reason: number): void {
    const { events, terms } = this;
    const of = {
      kind: told.rejected,
      reason,
      side,
      price: price / terms.tick,
      size: 0,
      left: size / terms.lot,
      maker: 0,
      fee: 0,
      queue: 0,
    };
    events.happened[0] = time;
    events.order[0] = order;
    for (const [name, value] of Object.entries(of)) events[name as "price"][0] = value;
    this.progress[2] = 1;
  }

  private stage(time: bigint, kind: number, order: bigint, side: number, price: number, size: number): void {
    const { rows } = this;
    const staged = this.progress[0]!++;
    rows.time[staged] = time;
    rows.kind[staged] = kind;
    rows.order[staged] = order;
    rows.side[staged] = side;
    rows.price[staged] = price;
    rows.size[staged] = size;
  }

  /** Goes through what is staged and tells what comes of it; false where `tell` is: come again. */
  work(tell: (event: number) => boolean): boolean {
    const { progress } = this;
    for (;;) {
      for (; progress[3]! < progress[2]!; progress[3]!++) if (!tell(progress[3]!)) return false;
      progress[2] = 0;
      progress[3] = 0;
      if (progress[1] === progress[0]) break;
      const { consumed, produced } = this.execute();
      progress[1]! += consumed;
      progress[2] = produced;
    }
    progress.fill(0);
    return true;
  }
  private execute() {
    const { backend } = this.terms;
    this.run ??= matching.bind(
      { in: this.rows, out: this.events, state: this.state as never },
      this.options,
      backend === undefined ? {} : ({ backend } as never),
    );
    try {
      return this.run(0, this.progress[0]!, this.progress[1]!);
    } catch (cause) {
      const { message } = cause as Error;
      throw new TickforgeError("E_ENGINE", message, { cause, hint: "give the option answers a higher number, or a lower latency" });
    }
  }
}
