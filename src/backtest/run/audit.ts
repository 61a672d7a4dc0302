/**
 * What must hold in every run, held against what happens while it goes: sums that are kept a second time, and times. What breaks one of them is a
 * fault of tickforge, and ends the run by name before a wrong number comes out.
 */
import { TickforgeError } from "../../core/contract/errors.js";
import { stamp } from "../desk/desk.js";
import type { Grid } from "../market/grid.js";
import type { Venue } from "../venue/venue.js";

interface Sent {
  readonly decided: bigint;
  arrived: bigint | undefined;
  /** Lots that are not filled yet, and ticks: Infinity times its side of what takes any price. */
  open: number;
  side: number;
  limit: number;
}

/** One fill as the venue has it, in ticks and lots. */
interface Filled {
  readonly order: number;
  readonly side: number;
  readonly price: number;
  readonly size: number;
  readonly left: number;
}

/** All money of a run beside that of prices times sizes, as parts that it was told by. */
interface Parts {
  readonly cash: number;
  readonly funding: number;
  readonly borrow: number;
  readonly impact: number;
}

const fault = { hint: "this is a fault of tickforge: please report it with the recording" };

export class Audit {
  private readonly sent = new Map<number, Sent>();
  /** By instrument: lots and ticks times lots of all fills, lots of those that the trader was not told yet. */
  private readonly lots: number[] = [];
  private readonly ticks: number[] = [];
  private readonly untold: number[] = [];
  private fees = 0;
  /** Value of all fills: what money is rounded by. */
  private turnover = 0;
  private asked = 0;

  submitted(order: number, now: bigint): void {
    this.asked++;
    this.sent.set(order, { decided: now, arrived: undefined, open: 0, side: 0, limit: Number.NaN });
  }

  /** A request for `size` lots is at the venue; `limit` in ticks, undefined: at any price. */
  arrived(order: number, now: bigint, side: number, limit: number | undefined, size: number): void {
    const sent = this.sent.get(order);
    if (!sent) return; // it has ended, and the venue says so
    if (now < sent.decided) throw early(order, `arrived at ${stamp(now)}, before it was sent at ${stamp(sent.decided)}`);
    sent.arrived ??= now;
    sent.open = size;
    if (side !== 0) sent.side = side;
    sent.limit = limit ?? Number.POSITIVE_INFINITY * sent.side;
  }

  filled(instrument: number, { tick, lot }: Grid, now: bigint, { order, side, price, size, left }: Filled, fee: number): void {
    const sent = this.sent.get(order);
    if (sent?.arrived === undefined || now < sent.arrived) throw early(order, `was filled at ${stamp(now)}, before it arrived`);
    sent.open -= size;
    if (!(size > 0 && sent.side === side && sent.open >= 0 && sent.open === left && side * (sent.limit - price) >= 0))
      throw new TickforgeError("E_BACKTEST_BALANCE", `order ${order} was filled by what it did not ask for`, {
        ...{ value: { side, price, size, left, asked: { side: sent.side, limit: sent.limit, left: sent.open } } },
        ...fault,
      });
    if (left === 0) this.sent.delete(order);
    this.lots[instrument] = (this.lots[instrument] ?? 0) + side * size;
    this.ticks[instrument] = (this.ticks[instrument] ?? 0) - side * price * size;
    this.untold[instrument] = (this.untold[instrument] ?? 0) + side * size;
    this.fees += fee;
    this.turnover += Math.abs(price * size * tick * lot) + Math.abs(fee);
  }

  ended(order: number): void {
    this.sent.delete(order);
  }

  told(instrument: number, lots: number): void {
    this.untold[instrument] = (this.untold[instrument] ?? 0) - lots;
  }

  /** Whether the venue goes on in time. */
  goesOn(now: bigint, time: bigint): void {
    if (time < now) throw ahead(`the venue tells of ${stamp(time)} after a decision at ${stamp(now)}`);
  }

  /** Sum of fills = position, of the trader with what it was not told yet; sums of money = cash. Nobody who sent nothing has any. */
  balance(venues: readonly Venue[], lots: readonly number[], ofTrader: (instrument: number) => number, parts: Parts): void {
    let money = parts.funding + parts.borrow + parts.impact - this.fees;
    for (const { tape } of venues) {
      const { grid, instrument } = tape;
      const sum = this.lots[instrument] ?? 0;
      const told = Math.round(ofTrader(instrument) / grid.lot);
      const wanted = sum - (this.untold[instrument] ?? 0);
      if (lots[instrument] !== sum || told !== wanted)
        throw new TickforgeError("E_BACKTEST_BALANCE", `fills of ${grid.name} do not add up to its position`, {
          value: { fills: sum, position: lots[instrument], told, fillsTold: wanted },
          ...fault,
        });
      money += (this.ticks[instrument] ?? 0) * grid.tick * grid.lot;
    }
    const rounding = 1e-9 * (1 + this.turnover + Math.abs(parts.funding) + Math.abs(parts.borrow) + Math.abs(parts.impact));
    if (!(Math.abs(parts.cash - money) <= rounding) || (this.asked === 0 && parts.cash !== 0))
      throw new TickforgeError("E_BACKTEST_BALANCE", "prices, fees, funding and borrowing of a run do not add up to its cash", {
        value: { cash: parts.cash, sum: money, orders: this.asked },
        ...fault,
      });
  }

  /** Own orders change nothing of the market: the venue's book is the recorded one, which another kernel has made without them. */
  unchanged({ tape, held, ends }: Venue): void {
    const row = tape.rows - 1;
    if (row < 0 || tape.met !== tape.rows || !tape.closedAt(row)) return;
    const room = held.length / 4;
    const best = (which: 0 | 1) => {
      const count = ends[2 * which + 1]!;
      if (count === 0) return Number.NaN;
      return (which === 0 ? 1 : -1) * held[2 * which * room + ends[2 * which]! + count - 1]!;
    };
    const { bid, ask } = tape.out;
    if (Object.is(best(0) + 0, bid[row]! + 0) && Object.is(best(1) + 0, ask[row]! + 0)) return;
    throw new TickforgeError("E_BACKTEST_BOOK", `${tape.grid.name}: the venue's book is not that of the recording`, {
      value: { bid: best(0), ask: best(1), recordedBid: bid[row], recordedAsk: ask[row] },
      ...fault,
    });
  }
}

/** Throws where what a hook is about to see is later than its clock. */
export function needPast(what: string, time: bigint, clock: bigint): void {
  if (time > clock) throw ahead(`${what} of ${stamp(time)} would be seen at ${stamp(clock)}`);
}

const ahead = (what: string) => new TickforgeError("E_BACKTEST_AHEAD", `a run looked ahead: ${what}`, fault);
const early = (order: number, what: string) => new TickforgeError("E_BACKTEST_EARLY", `order ${order} ${what}`, { value: order, ...fault });
