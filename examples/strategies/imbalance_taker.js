/**
 * Takes in the direction of the order-flow imbalance (Cont, Kukanov and Stoikov 2014): what came to the best bid and went from the best ask,
 * less the other way round, from look to look over a window, as a share of what stands there in the mean. It holds for a while, then takes
 * the other side.
 */
/** What happened at the best prices between two looks: above 0 where buyers gained. */
const flow = (now, before) =>
  (now.bid >= before.bid ? now.bidSize : 0) -
  (now.bid <= before.bid ? before.bidSize : 0) -
  (now.ask <= before.ask ? now.askSize : 0) +
  (now.ask >= before.ask ? before.askSize : 0);

/** @satisfies {import("tickforge/backtest").Strategy} */
export default {
  name: "imbalance_taker",
  doc: "Takes in the direction of the order-flow imbalance at the best prices, holds for a while, and takes the other side.",
  params: {
    threshold: { type: "f64", above: 0, max: 1000, default: 2, doc: "imbalance over the mean depth at the best prices that it acts on" },
    window: { type: "i32", min: 1, max: 10_000, default: 10, unit: "looks", doc: "that are added up" },
    wait: { type: "f64", min: 0.001, max: 3600, default: 0.1, unit: "seconds", doc: "between two looks" },
    hold: { type: "f64", min: 0.001, max: 86_400, default: 5, unit: "seconds", doc: "from taking to closing" },
    size: { type: "f64", min: 0, default: 0, unit: "units", doc: "of an order, in whole lots; 0: one lot" },
  },
  /** Of an instrument: bid, its size, ask and its size at the look before; flows and depths of the window; looks in it; seconds and ns of when to close. */
  stateEach: ({ window }) => ({ before: 4, flows: window, depths: window, looks: 1, until: 2 }),
  begin: ({ threshold, window, wait, hold, size }) => {
    const ns = (seconds) => BigInt(Math.round(seconds * 1e9));
    const second = 1_000_000_000n;
    /** The newest comes last. */
    const push = (values, count, value) => {
      if (count === window) values.copyWithin(0, 1);
      values[Math.min(count, window - 1)] = value;
    };

    const look = (context, { id, lot }) => {
      const { bid, bidSize, ask, askSize } = context.book(id);
      const { before, flows, depths, looks, until } = context.stateOf(id);
      if (!(bid > 0 && ask > bid)) {
        before.fill(0);
        looks[0] = 0;
        until.fill(0);
        return;
      }
      if (before[0] > 0) {
        const [bidBefore, bidSizeBefore, askBefore, askSizeBefore] = before;
        const was = { bid: bidBefore, bidSize: bidSizeBefore, ask: askBefore, askSize: askSizeBefore };
        push(flows, looks[0], flow({ bid, bidSize, ask, askSize }, was));
        push(depths, looks[0], (bidSize + askSize) / 2);
        looks[0] = Math.min(window, looks[0] + 1);
      }
      before.set([bid, bidSize, ask, askSize]);
      if (context.orders(id).length > 0) return;
      const take = (side, wanted) => context.submit({ instrument: id, side, price: side > 0 ? ask : bid, size: wanted, type: "immediate" });
      const held = context.position(id);
      if (held !== 0) {
        if (context.now >= BigInt(until[0]) * second + BigInt(until[1])) take(held > 0 ? -1 : 1, Math.abs(held));
        return;
      }
      if (looks[0] < window) return;
      const sum = flows.reduce((a, b) => a + b, 0);
      const depth = depths.reduce((a, b) => a + b, 0) / window;
      if (!(Math.abs(sum) > threshold * depth)) return;
      const closeAt = context.now + ns(hold);
      until.set([Number(closeAt / second), Number(closeAt % second)]);
      take(Math.sign(sum), Math.max(1, Math.round(size / lot)) * lot);
    };

    const all = (context) => {
      for (const one of context.instruments) look(context, one);
      context.timer("look", context.now + ns(wait));
    };
    return { onStart: all, onTimer: all };
  },
};
