/** A strategy that does at random all that one may, and keeps its own account of what it was told. */
import { type AnyStrategy, type Context, defineStrategy, type Fill, type OrderType } from "../../../../src/backtest/strategy/strategy.js";
import { seeded } from "../../../../src/kernels/parts/sample.js";

const types: readonly OrderType[] = ["limit", "limit", "post_only", "immediate", "market", "whole"];

export interface Told {
  /** All that was seen and told, in order: clock, what, and numbers. */
  readonly lines: string[];
  /** What its own account says against the context, where it is wrong. */
  readonly wrong: string[];
  readonly fills: Fill[];
  sent: number;
}

export interface Terms {
  readonly feed: bigint;
  readonly answer: bigint;
  /** It looks and does not trade. */
  readonly quiet?: boolean;
}

export function restless(seed: number, { feed, answer, quiet }: Terms): { strategy: AnyStrategy; told: Told } {
  const told: Told = { lines: [], wrong: [], fills: [], sent: 0 };
  const begin = () => {
    // A run may begin anew with a finer grid.
    for (const list of [told.lines, told.wrong, told.fills]) list.length = 0;
    told.sent = 0;
    const random = seeded(seed);
    const pick = (count: number) => Math.floor(count * random());
    let [clock, position, cash, last] = [0n, 0, 0, 0];

    const see = (context: Context, what: string, ...more: (number | string | bigint)[]) => {
      const { now } = context;
      const need = (holds: boolean, of: string) => holds || told.wrong.push(`${now}: ${of}`);
      need(now >= clock, "the clock went back");
      clock = now;
      const book = context.book(0);
      need(Number.isNaN(book.mid) || book.time <= now - feed, "a book of later");
      need(Math.abs(context.position(0) - position) < 1e-6, "a position that fills do not give");
      need(Math.abs(context.cash - cash) <= 1e-9 * (1 + Math.abs(cash)), "cash that fills do not give");
      const tops = ([1, -1] as const).map((side) => context.book(0).levels(side).slice(0, 2));
      told.lines.push([now, what, ...more, book.bid, book.bidSize, book.ask, book.askSize, book.mid, JSON.stringify(tops)].join(" "));
      return book;
    };
    const act = (context: Context, book: { bid: number; ask: number; mid: number }) => {
      const { tick, lot } = context.instruments[0]!;
      const near = Number.isNaN(book.mid) ? Number.NaN : Math.round(book.mid / tick);
      const price = () => Math.max(1, near + pick(9) - 4) / Math.round(1 / tick);
      const size = () => (1 + pick(random() < 0.3 ? 900 : 12)) / Math.round(1 / lot);
      const kind = random();
      if (quiet || Number.isNaN(near)) return;
      if (kind < 0.5) {
        const type = types[pick(types.length)]!;
        const side = random() < 0.5 ? 1 : -1;
        const of = { instrument: 0, side, size: size(), type } as const;
        last = context.submit(type === "market" ? of : { ...of, price: price() });
        told.sent++;
      } else if (kind < 0.65 && last > 0) context.cancel(Math.max(1, last - pick(4)));
      else if (kind < 0.8) {
        const live = context.orders().filter(({ type }) => type === "limit" || type === "post_only");
        if (live.length > 0) context.replace(live[pick(live.length)]!.id, { price: price(), size: size() });
      }
    };
    const timer = (context: Context, name: string) => context.timer(name, context.now + BigInt(pick(5) === 0 ? -pick(9) : 1 + pick(6e7)));
    return {
      onStart(context: Context) {
        see(context, "start");
        timer(context, "a");
        context.timer("b", context.now + 5_000_000n);
      },
      onTimer(context: Context, name: string) {
        act(context, see(context, name));
        if (name === "a" || random() < 0.7) context.timer(name, context.now + 1n + BigInt(pick(6e7)));
        if (random() < 0.1) timer(context, "past");
      },
      onFill(context: Context, fill: Fill) {
        position += fill.side * fill.size;
        cash -= fill.side * fill.price * fill.size + fill.fee;
        told.fills.push(fill);
        if (fill.happened + answer > context.now) told.wrong.push(`${context.now}: a fill of ${fill.happened} came before its answer`);
        const book = see(context, "fill", fill.order.id, fill.happened, fill.price, fill.size, fill.fee, fill.order.left);
        if (random() < 0.3) act(context, book);
      },
      onOrder(
        context: Context,
        { order, kind, reason }: { order: { id: number; left: number; queue: number }; kind: string; reason: string },
      ) {
        const book = see(context, kind, order.id, order.left, order.queue, reason);
        if (random() < 0.2) act(context, book);
      },
      onEnd: (context: Context) => void see(context, "end"),
    };
  };
  return { strategy: defineStrategy({ name: "restless", doc: "Does all that one may.", params: {}, begin: begin as never }), told };
}
