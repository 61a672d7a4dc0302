/** What the trader knows and may do: one implementation of what hooks see, over recordings and live. */
import { TickforgeError } from "../../core/contract/errors.js";
import { said } from "../../core/contract/given.js";
import { unitsOf } from "../../engines/kit/grid.js";
import type { BookSeen, Context, Fill, InstrumentSeen, OrderNews, OrderRequest, OrderType, OwnOrder, Side } from "../strategy/strategy.js";
import { lent } from "./lent.js";

/** The best levels as they were told: prices in currency, NaN where there is none. */
export interface Best {
  bid: number;
  bidSize: number;
  ask: number;
  askSize: number;
  mid: number;
  time: bigint;
}

/** What has been told of the market; whoever runs a desk has it. Nothing of it may be later than the desk's `now`. */
export interface DeskMarket {
  readonly instruments: readonly InstrumentSeen[];
  best(instrument: number, into: Best): void;
  /** Levels of a side, the best first. */
  levels(instrument: number, side: Side): { price: number; size: number }[];
  feature(name: string, instrument: number): number;
}

/** Where requests go. */
export interface DeskVenue {
  submit(order: OwnOrder): void;
  cancel(order: OwnOrder): void;
  replace(order: OwnOrder, price: number, size: number): void;
  timer(name: string, at: bigint): void;
  log(message: string): void;
}

type Known = { -readonly [K in keyof OwnOrder]: OwnOrder[K] };

/** What is told of a fill. */
export interface FillTold {
  readonly order: number;
  readonly happened: bigint;
  readonly price: number;
  readonly size: number;
  readonly maker: boolean;
  readonly fee: number;
}

export const orderTypes: readonly OrderType[] = ["limit", "market", "post_only", "immediate", "whole"];
/** All of a desk that outlives a hook. */
export interface DeskKept {
  readonly now: bigint;
  readonly cash: number;
  readonly nextId: number;
  readonly positions: readonly number[];
  /** In the order in which they ended. */
  readonly ended: readonly OwnOrder[];
  /** In the order in which they were sent. */
  readonly live: readonly OwnOrder[];
}

export interface DeskOptions {
  readonly state?: Readonly<Record<string, Float64Array>>;
  /** Values of state of an instrument. */
  readonly stateOf?: (instrument: number) => Readonly<Record<string, Float64Array>>;
  /** So many orders that ended are known, twice as many at the most: a late cancel of one older is refused as of no such order. */
  readonly mostEnded?: number;
  /** Own orders that are sent or rest, at the most. */
  readonly mostLive?: number;
}

const wrong = (what: string, value: unknown, hint: string) => new TickforgeError("E_STRATEGY_ORDER", what, { value, hint });

export class Desk implements Context {
  now = 0n;
  cash = 0;
  readonly state: Readonly<Record<string, Float64Array>>;
  private readonly known = new Map<number, Known>();
  private readonly live = new Map<number, Known>();
  private readonly ended: number[] = [];
  private readonly positions: number[] = [];
  private nextId = 1;
  private readonly lent: Context;
  private inHook: string | undefined;
  private turn = 0;
  private readonly seen: Best = { bid: Number.NaN, bidSize: 0, ask: Number.NaN, askSize: 0, mid: Number.NaN, time: 0n };

  constructor(
    private readonly market: DeskMarket,
    private readonly venue: DeskVenue,
    private readonly options: DeskOptions = {},
  ) {
    this.state = options.state ?? {};
    this.lent = lent(this);
  }

  get kept(): DeskKept {
    const { now, cash, nextId, positions } = this;
    return { now, cash, nextId, positions, ended: this.ended.map((id) => this.known.get(id)!), live: [...this.live.values()] };
  }

  /** Goes on as another one that was kept. */
  goOn({ now, cash, nextId, positions, ended, live }: DeskKept): void {
    Object.assign(this, { now, cash, nextId });
    this.positions.push(...positions);
    for (const order of [...ended, ...live]) this.known.set(order.id, { ...order });
    for (const { id } of live) this.live.set(id, this.known.get(id)!);
    this.ended.push(...ended.map(({ id }) => id));
  }

  /** Runs a hook at `now`: what it was lent is dead behind it. Says what a strategy threw, and where. */
  hook(strategy: string, name: string, act: (context: Context) => unknown): void {
    this.inHook = name;
    let answer: unknown;
    try {
      answer = act(this.lent);
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      if (cause instanceof TickforgeError)
        throw new TickforgeError(cause.code, `${strategy}: ${name} at ${stamp(this.now)}: ${message}`, { ...cause, cause });
      throw new TickforgeError("E_STRATEGY_THREW", `${strategy}: ${name} threw at ${stamp(this.now)}: ${message}`, {
        cause,
        value: name,
        hint: "its stack says where; the run ended there",
      });
    } finally {
      this.inHook = undefined;
      this.turn++;
    }
    if (typeof (answer as { then?: unknown } | undefined)?.then !== "function") return;
    throw new TickforgeError("E_STRATEGY_ASYNC", `${strategy}: ${name} gave a promise: what comes of it would be later than its time`, {
      value: name,
      hint: "hooks answer at once: read what they need before the run, in begin",
    });
  }

  private inside(what: string): void {
    if (this.inHook !== undefined) return;
    throw new TickforgeError("E_STRATEGY_LATE", `${what} was called outside of a hook: its time is over`, {
      value: what,
      hint: "call it while onTimer, onRows, ... run; a timer wakes the strategy later",
    });
  }

  /** What is asked for has to be able to happen. */
  private before(what: string): void {
    this.inside(what);
    if (this.inHook !== "onEnd") return;
    throw new TickforgeError("E_STRATEGY_LATE", `${what} was called after the last row of the market: nothing can come of it`, {
      value: what,
      hint: "do it before: onEnd is for looking and logging",
    });
  }

  stateOf(instrument: number): Readonly<Record<string, Float64Array>> {
    this.need(instrument);
    return this.options.stateOf?.(instrument) ?? {};
  }

  get instruments(): readonly InstrumentSeen[] {
    return this.market.instruments;
  }

  book(instrument: number): BookSeen {
    this.inside("book");
    this.need(instrument);
    const { seen, turn } = this;
    this.market.best(instrument, seen);
    return {
      ...seen,
      levels: (side) => {
        if (turn !== this.turn) throw wrong("the levels asked for are of a book of an earlier hook", side, "ask for the book again");
        return this.market.levels(instrument, side);
      },
    };
  }

  position(instrument: number): number {
    this.need(instrument);
    return this.held(instrument);
  }

  /** The same for who runs the desk, of an instrument that nothing was told of too. */
  held(instrument: number): number {
    return this.positions[instrument] ?? 0;
  }

  orders(instrument?: number): readonly OwnOrder[] {
    const all: OwnOrder[] = [];
    for (const order of this.live.values()) if (instrument === undefined || order.instrument === instrument) all.push({ ...order });
    return all;
  }

  get equity(): number {
    this.inside("equity");
    let sum = this.cash;
    for (const [instrument, held] of this.positions.entries()) {
      if (!held) continue;
      this.market.best(instrument, this.seen);
      sum += held * this.seen.mid;
    }
    return sum;
  }

  feature(name: string, instrument: number): number {
    this.inside("feature");
    this.need(instrument);
    return this.market.feature(name, instrument);
  }

  submit(request: OrderRequest): number {
    this.before("submit");
    const { instrument, side, price = Number.NaN, size, type = "limit" } = request;
    this.need(instrument);
    if (side !== 1 && side !== -1) throw wrong(`submit: side is ${said(side)}`, side, "pass 1 to buy, -1 to sell");
    if (!orderTypes.includes(type)) throw wrong(`submit: type is ${said(type)}`, type, `types are ${orderTypes.join(", ")}`);
    if (type === "market" && !Number.isNaN(price)) throw wrong(`submit: a market order has no price`, price, "leave it out");
    const { mostLive = Number.POSITIVE_INFINITY } = this.options;
    if (this.live.size >= mostLive)
      throw wrong(
        `submit: ${mostLive} own orders are sent or rest already`,
        this.live.size,
        "cancel some, or wait for what is told of them",
      );
    const of = this.market.instruments[instrument]!;
    const onGrid = {
      price: type === "market" ? Number.NaN : onStep("submit: price", price, of.tick, of.name, "tick"),
      size: sizeOf("submit", size, of),
    };
    const id = this.nextId++;
    const order: Known = { id, instrument, side, ...onGrid, type, left: onGrid.size, state: "sent", queue: Number.POSITIVE_INFINITY };
    this.known.set(id, order);
    this.live.set(id, order);
    this.venue.submit({ ...order });
    return id;
  }

  /** An order that the venue makes for the trader, as it closes a position. */
  forced(instrument: number, side: Side, size: number): OwnOrder {
    const id = this.nextId++;
    const order: Known = {
      id,
      instrument,
      side,
      price: Number.NaN,
      size,
      type: "market",
      left: size,
      state: "sent",
      queue: Number.POSITIVE_INFINITY,
    };
    this.known.set(id, order);
    this.live.set(id, order);
    return { ...order };
  }

  cancel(id: number): void {
    this.before("cancel");
    this.venue.cancel({ ...this.orderOf("cancel", id) });
  }

  replace(id: number, to: { readonly price: number; readonly size: number }): void {
    this.before("replace");
    const order = this.orderOf("replace", id);
    if (order.type !== "limit" && order.type !== "post_only")
      throw wrong(`replace: order ${id} is of type ${order.type}, which never rests`, id, "replace limit and post_only orders alone");
    const of = this.market.instruments[order.instrument]!;
    this.venue.replace({ ...order }, onStep("replace: price", to.price, of.tick, of.name, "tick"), sizeOf("replace", to.size, of));
  }

  timer(name: string, at: bigint): void {
    this.before("timer");
    if (typeof at !== "bigint")
      throw wrong(`timer: the time is ${said(at)}`, at, "pass ns UTC as a bigint, as context.now + 1_000_000_000n");
    this.venue.timer(String(name), at);
  }

  log(message: string): void {
    this.venue.log(String(message));
  }

  /** An order of its own that it knows still. */
  knows(id: number): OwnOrder | undefined {
    return this.known.get(id);
  }

  /** What the venue told. */
  filled({ order: id, happened, price, size, maker, fee }: FillTold): Fill {
    const order = this.known.get(id)!;
    order.left = Math.max(0, order.left - size);
    if (isNothing(order.left, order.size)) {
      order.left = 0;
      this.end(order);
    }
    const { instrument, side } = order;
    this.cash -= side * price * size + fee;
    const { lot } = this.market.instruments[instrument]!;
    // Whole lots: a sum of tenths would not come back to 0.
    this.positions[instrument] = unitsOf(Math.round(((this.positions[instrument] ?? 0) + side * size) / lot), lot);
    return { order: { ...order }, time: this.now, happened, instrument, side, price, size, maker, fee };
  }

  /** `accepted` and `replaced` rest; `cancelled` and `rejected` ended, but for what was rejected of an order that had ended already. */
  news(id: number, kind: OrderNews["kind"], reason: string, of: { left: number; price: number; queue: number; ends: boolean }): OrderNews {
    const order = this.known.get(id)!;
    if (kind === "accepted" || kind === "replaced") {
      this.revive(order);
      order.state = "resting";
      if (kind === "replaced") order.size = order.size - order.left + of.left;
      order.left = of.left;
      order.price = of.price;
      order.queue = of.queue;
    } else if (of.ends) this.end(order);
    return { order: { ...order }, kind, reason };
  }

  /** Money that is no fill's: funding, borrowing, impact. */
  paid(money: number): void {
    this.cash += money;
  }

  /** It was taken for ended, and was not: what was turned away was a request about it. */
  private revive(order: Known): void {
    if (this.live.has(order.id)) return;
    this.live.set(order.id, order);
    const at = this.ended.indexOf(order.id);
    if (at >= 0) this.ended.splice(at, 1);
  }

  private end(order: Known): void {
    order.state = "ended";
    if (!this.live.delete(order.id)) return;
    this.ended.push(order.id);
    const { mostEnded = 10_000 } = this.options;
    if (this.ended.length > 2 * mostEnded) for (const old of this.ended.splice(0, mostEnded)) this.known.delete(old);
  }

  private need(instrument: number): void {
    if (this.market.instruments[instrument]) return;
    const most = this.market.instruments.length - 1;
    throw wrong(`there is no instrument ${said(instrument)}`, instrument, most < 0 ? "none was seen so far" : `they are 0 to ${most}`);
  }

  private orderOf(what: string, id: number): Known {
    const order = this.known.get(id);
    if (order) return order;
    throw wrong(`${what}: no order has the id ${said(id)}`, id, "pass what submit gave");
  }
}

const isNothing = (left: number, size: number): boolean => left <= size * 1e-9;

function sizeOf(what: string, size: number, { lot, name }: InstrumentSeen): number {
  if (!(typeof size === "number" && size > 0 && Number.isFinite(size)))
    throw wrong(`${what}: size is ${said(size)}`, size, "pass a size above 0; side says whether it is bought or sold");
  return onStep(`${what}: size`, size, lot, name, "lot");
}

/** The value on its grid; refused where it is off by more than the rounding of a product. */
function onStep(what: string, value: number, step: number, name: string, of: "tick" | "lot"): number {
  const steps = value / step;
  const whole = Math.round(steps);
  if (Number.isFinite(value) && Math.abs(steps - whole) <= 1e-6 + Math.abs(steps) * 1e-9) return unitsOf(whole, step);
  throw wrong(`${what} is ${said(value)}, off the ${of} of ${step} of ${name}`, value, `round it to a whole number of ${of}s of ${step}`);
}

/** ns UTC in words. */
export function stamp(time: bigint): string {
  const ms = time / 1_000_000n;
  const text = new Date(Number(ms)).toISOString().slice(0, -5);
  return `${text}.${String(((time % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n).padStart(9, "0")}Z`;
}
