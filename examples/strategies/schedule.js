/**
 * Buys or sells a large amount of the first instrument by a schedule: evenly in time (twap), as a share of what is traded (pov), or early
 * rather than late by how much risk weighs against cost (almgren_chriss: what is left at t is sinh(k (1 - t)) / sinh(k) of the whole, t from
 * 0 to 1, k the urgency; Almgren and Chriss 2000). What is behind the schedule is taken; the next slice rests at the best price meanwhile.
 */
/** @satisfies {import("tickforge/backtest").Strategy} */
export default {
  name: "schedule",
  doc: "Executes a large order by a schedule: evenly in time, as a share of the volume, or by Almgren and Chriss.",
  params: {
    how: { type: "enum", values: ["twap", "pov", "almgren_chriss"], default: "twap", doc: "the schedule" },
    side: { type: "enum", values: ["buy", "sell"], default: "buy", doc: "what is done" },
    amount: { type: "f64", min: 0, default: 0, unit: "units", doc: "in all, in whole lots; 0: a hundred lots" },
    seconds: { type: "f64", above: 0, max: 2_592_000, default: 600, unit: "seconds", doc: "from begin to end; pov ends when all is done" },
    wait: { type: "f64", min: 0.001, max: 86_400, default: 10, unit: "seconds", doc: "between two slices" },
    share: { type: "f64", above: 0, max: 1, default: 0.1, doc: "of pov: of the volume traded by others" },
    urgency: { type: "f64", above: 0, max: 100, default: 2, doc: "of almgren_chriss: 0.1 is all but even, 5 is most at once" },
    rest: {
      type: "enum",
      values: ["yes", "no"],
      default: "yes",
      doc: "whether the next slice rests first, or is taken when its time has come",
    },
  },
  rows: { topics: ["trades"], every: 20 },
  /** Seconds and ns of the begin, and what others have traded. */
  state: { start: 2, traded: 1 },
  begin: ({ how, side, amount, seconds, wait, share, urgency, rest }) => {
    const way = side === "buy" ? 1 : -1;
    const ns = (time) => BigInt(Math.round(time * 1e9));
    const lotsOf = (lot) => (amount > 0 ? Math.max(1, Math.round(amount / lot)) : 100);
    const second = 1_000_000_000n;

    /** Lots that are to be done by then, in whole ones. */
    const due = ({ state: { start, traded } }, time, lot) => {
      const all = lotsOf(lot);
      const since = time - (BigInt(start[0]) * second + BigInt(start[1]));
      const t = Math.min(1, Math.max(0, Number(since) / (seconds * 1e9)));
      if (how === "pov") return Math.min(all, Math.floor((share * traded[0]) / lot + 1e-9));
      const done = how === "twap" ? t : 1 - Math.sinh(urgency * (1 - t)) / Math.sinh(urgency);
      return Math.min(all, Math.floor(all * done + 1e-9));
    };

    /** What is behind is taken at the best price; of what is open nobody knows yet whether it was filled, so it counts as done. */
    const catchUp = (context) => {
      const [{ id, lot }] = context.instruments;
      const done = Math.round(Math.abs(context.position(id)) / lot);
      const open = context.orders(id).reduce((sum, order) => sum + Math.round(order.left / lot), 0);
      const behind = due(context, context.now, lot) - done - open;
      const { bid, ask } = context.book(id);
      const price = way > 0 ? ask : bid;
      if (behind > 0 && price > 0) context.submit({ instrument: id, side: way, price, size: behind * lot, type: "immediate" });
    };

    /** The next slice waits at the best price of its side. */
    const restNext = (context) => {
      const [{ id, lot }] = context.instruments;
      const { bid, ask } = context.book(id);
      const price = way > 0 ? bid : ask;
      if (rest === "no" || !(price > 0) || how === "pov") return;
      const done = Math.round(Math.abs(context.position(id)) / lot);
      const slice = due(context, context.now + ns(wait), lot) - Math.max(done, due(context, context.now, lot));
      if (slice > 0) context.submit({ instrument: id, side: way, price, size: slice * lot, type: "post_only" });
    };

    const step = (context) => {
      const [first] = context.instruments;
      const open = context.orders(first.id);
      for (const order of open) if (order.type === "post_only") context.cancel(order.id);
      catchUp(context);
      if (open.length === 0) restNext(context);
      if (Math.abs(context.position(first.id)) / first.lot < lotsOf(first.lot) - 0.5) context.timer("step", context.now + ns(wait));
    };
    return {
      onStart(context) {
        context.state.start.set([Number(context.now / second), Number(context.now % second)]);
        step(context);
      },
      onTimer: step,
      onRows({ state }, { rows, columns }) {
        for (let row = 0; row < rows; row++) if (Number(columns.instrument[row]) === 0) state.traded[0] += Number(columns.size[row]);
      },
      onOrder(context, { order, kind }) {
        if (kind !== "cancelled" || order.type !== "post_only") return;
        catchUp(context);
        restNext(context);
      },
    };
  },
};
