/**
 * Takes in the direction of the order-flow imbalance (Cont, Kukanov and Stoikov 2014): what came to the best bid and went from the best ask,
 * less the other way round, from look to look over a window, as a share of what stands there in the mean. It holds for a while, then takes
 * the other side.
 */
import { defineStrategy } from "tickforge/backtest";

/** What happened at the best prices between two looks: above 0 where buyers gained. */
const flow = (now, before) =>
  (now.bid >= before.bid ? now.bidSize : 0) -
  (now.bid <= before.bid ? before.bidSize : 0) -
  (now.ask <= before.ask ? now.askSize : 0) +
  (now.ask >= before.ask ? before.askSize : 0);

export default defineStrategy({
  name: "imbalance_taker",
  doc: "Takes in the direction of the order-flow imbalance at the best prices, holds for a while, and takes the other side.",
  params: {
    threshold: { type: "f64", above: 0, max: 1000, default: 2, doc: "imbalance over the mean depth at the best prices that it acts on" },
    window: { type: "i32", min: 1, max: 10_000, default: 10, unit: "looks", doc: "that are added up" },
    wait: { type: "f64", min: 0.001, max: 3600, default: 0.1, unit: "seconds", doc: "between two looks" },
    hold: { type: "f64", min: 0.001, max: 86_400, default: 5, unit: "seconds", doc: "from taking to closing" },
    size: { type: "f64", min: 0, default: 0, unit: "units", doc: "of an order, in whole lots; 0: one lot" },
  },
  begin: ({ threshold, window, wait, hold, size }) => {
    const ns = (seconds) => BigInt(Math.round(seconds * 1e9));
    /** By instrument: the look before, flows and depths of the window, and when what is held is closed. */
    const seen = new Map();

    const look = (context, { id, lot }) => {
      const { bid, bidSize, ask, askSize } = context.book(id);
      if (!(bid > 0 && ask > bid)) return void seen.delete(id);
      const now = { bid, bidSize, ask, askSize };
      const of = seen.get(id) ?? { flows: [], depths: [], until: 0n };
      if (of.before) {
        of.flows.push(flow(now, of.before));
        of.depths.push((bidSize + askSize) / 2);
        if (of.flows.length > window) {
          of.flows.shift();
          of.depths.shift();
        }
      }
      of.before = now;
      seen.set(id, of);
      if (context.orders(id).length > 0) return;
      const take = (side, wanted) => context.submit({ instrument: id, side, price: side > 0 ? ask : bid, size: wanted, type: "immediate" });
      const held = context.position(id);
      if (held !== 0) {
        if (context.now >= of.until) take(held > 0 ? -1 : 1, Math.abs(held));
        return;
      }
      if (of.flows.length < window) return;
      const sum = of.flows.reduce((a, b) => a + b, 0);
      const depth = of.depths.reduce((a, b) => a + b, 0) / window;
      if (!(Math.abs(sum) > threshold * depth)) return;
      of.until = context.now + ns(hold);
      take(Math.sign(sum), Math.max(1, Math.round(size / lot)) * lot);
    };

    const all = (context) => {
      for (const one of context.instruments) look(context, one);
      context.timer("look", context.now + ns(wait));
    };
    return { onStart: all, onTimer: all };
  },
});
