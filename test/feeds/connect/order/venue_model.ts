/** A venue, its connections and its REST without sockets or clocks: a step a trade, every fault drawn from a seed. */
import type { Rows } from "../../../../src/feeds/connect/order/feed_rows.js";
import { Shelf } from "../../../../src/feeds/connect/order/feed_rows.js";
import { TradeOrder } from "../../../../src/feeds/connect/order/trade_order.js";
import { Random } from "../../../../src/market/random.js";

export interface Claimed {
  readonly id: number;
  readonly price: number;
  readonly size: number;
  readonly side: number;
}
export interface Filled {
  readonly what: "refilled" | "lost" | "disputed";
  readonly from: number;
  readonly to: number;
  readonly count: number;
}
type Row = Pick<Claimed, "id" | "price">;

/** One instrument in an order, fed by hand. */
export class Bench {
  readonly given: Row[] = [];
  readonly filled: Filled[] = [];
  readonly left: { readonly what: string; readonly id: number }[] = [];
  readonly order: TradeOrder;
  readonly shelf: Shelf;
  wanted = 0;
  private readonly row: Rows;

  constructor(last = NaN, capacity = 4096) {
    this.shelf = new Shelf(capacity);
    this.row = new Shelf(1).rows;
    this.order = new TradeOrder(Float64Array.of(last), this.shelf, {
      give: ({ columns }, row) => this.given.push({ id: Number(columns.id[row]), price: columns.price[row]! }),
      want: () => void this.wanted++,
      filled: (what, _, from, to, count) => this.filled.push({ what, from, to, count }),
      left: (what, _, id) => this.left.push({ what, id }),
    });
  }
  say(line: number, trade: Claimed, earlier = false): void {
    this.order.take(this.write(trade), 0, 0, line, earlier);
  }
  /** REST answers with these trades to what it was asked. */
  answer(trades: readonly Claimed[]): void {
    for (const trade of trades) this.order.refill(this.write(trade), 0, 0);
    this.order.answered(0, trades.at(-1)?.id ?? -1);
  }
  get ids(): number[] {
    return this.given.map(({ id }) => id);
  }
  private write({ id, price, size, side }: Claimed): Rows {
    const { columns } = this.row;
    columns.id[0] = BigInt(id);
    columns.price[0] = price;
    columns.size[0] = size;
    columns.side[0] = side;
    return this.row;
  }
}

/** Shares of messages with a fault. */
export interface Shares {
  readonly fault: number;
  readonly cut: number;
  /** Share of questions that REST does not answer. */
  readonly deaf: number;
}
const kinds = ["drop", "lie", "lie", "duplicate", "old", "reorder", "burst"] as const;
/** What is added to an id. */
const lies = [-1000, -64, -3, -2, 1, 2, 3, 7, 64, 5000, 1_000_000_000];

class Connection {
  readonly queue: Claimed[] = [];
  silent = 0;
  private readonly past: Claimed[] = [];
  private held: Claimed | undefined;
  constructor(
    readonly line: number,
    readonly lag: number,
    private readonly random: Random,
    private readonly done: Map<string, number>,
  ) {}
  private below = (n: number) => this.random.uint32() % n;
  push(trade: Claimed, share: number): void {
    if (this.silent > 0) {
      this.silent--;
      return;
    }
    if (this.random.uniform() >= share) {
      this.put(trade);
      return;
    }
    const kind = kinds[this.below(kinds.length)]!;
    this.done.set(kind, (this.done.get(kind) ?? 0) + 1);
    if (kind === "lie") this.put({ ...trade, id: Math.max(0, trade.id + lies[this.below(lies.length)]!) });
    else if (kind === "burst") this.silent = this.below(12);
    else if (kind === "reorder") this.held = trade;
    else if (kind !== "drop") {
      this.put(trade);
      this.put(kind === "old" ? (this.past[this.below(this.past.length)] ?? trade) : trade);
    }
  }
  private put(trade: Claimed): void {
    this.queue.push(trade);
    if (this.past.length < 50) this.past.push(trade);
    else this.past[this.below(50)] = trade;
    const { held } = this;
    this.held = undefined;
    if (held) this.put(held);
  }
}

/** The whole of a run: what was given, what is wrong with it, and what was told. */
export function runModel(seed: number, trades: number, shares: Shares) {
  const random = Random.fromSeed(seed);
  const below = (n: number) => random.uint32() % n;
  const bench = new Bench();
  const truth = new Map<number, Claimed>();
  const done = new Map<string, number>();
  const begin = 1_000_000;
  let line = 0;
  const connect = () => new Connection(++line, below(4) === 0 ? below(100) : below(3), random, done);
  let open = [connect()];
  let [most, askedAt] = [0, 0];
  const quiet = 2000;
  for (let i = 0; i < trades + quiet; i++) {
    const faulty = i < trades;
    const trade = { id: begin + i, price: 100 + below(1000) / 8, size: 1 + below(100), side: below(2) ? 1 : -1 };
    truth.set(trade.id, trade);
    for (const one of open) one.push(trade, faulty ? shares.fault : 0);
    for (const { queue, line: of, lag } of open) while (queue.length > (faulty ? lag : 0)) bench.say(of, queue.shift()!);
    if (faulty && random.uniform() < shares.cut) {
      // Ended without a word, or followed by a successor that is read beside it.
      if (below(2) === 0) {
        open = [];
        done.set("cut", (done.get("cut") ?? 0) + 1);
      } else if (open.length === 1) open.push(connect());
    }
    if (open.length === 2 && below(100) === 0) open.shift();
    if (open.length === 0 && (!faulty || below(5) === 0)) {
      open.push(connect());
      bench.order.probe(0);
    }
    if (i < askedAt) continue;
    const asked = bench.order.asked(0);
    if (asked && (!faulty || random.uniform() >= shares.deaf)) {
      const newest = trade.id - below(4);
      const first = Math.max(asked.first, begin);
      const answer: Claimed[] = [];
      for (let id = first; id <= newest && answer.length < 1000; id++) answer.push(truth.get(id)!);
      bench.answer(answer);
    }
    askedAt = i + 1 + below(10);
    most = Math.max(most, bench.shelf.used);
  }
  const told = (what: string, id: number) => bench.filled.some((one) => one.what === what && id >= one.from && id <= one.to);
  const wrong: string[] = [];
  let before = NaN;
  for (const { id, price } of bench.given) {
    const right = truth.get(id)?.price === price;
    if (right === told("disputed", id)) wrong.push(`${id} ${right ? "is disputed, and right" : "has another price"}`);
    for (let missing = before + 1; missing < id; missing++) if (!told("lost", missing)) wrong.push(`${missing} is missing`);
    if (id <= before) wrong.push(`${id} after ${before}`);
    before = id;
  }
  const of = (what: string) => bench.filled.filter((one) => one.what === what).reduce((sum, { count }) => sum + count, 0);
  const faults = [...done.values()].reduce((sum, count) => sum + count, 0);
  const open2 = bench.order.asked(0);
  const last = begin + trades + quiet - 1 - before;
  return {
    wrong,
    faults,
    done,
    lost: of("lost"),
    disputed: of("disputed"),
    refilled: of("refilled"),
    most,
    open: open2,
    behind: last,
    bench,
  };
}
