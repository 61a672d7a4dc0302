/**
 * Rests an order on each side of the mid, leans against what it holds, stands off that side alone which would take it beyond its limit, and
 * stands wider while an alarm of VPIN lasts: then those who trade with it are more likely to know something (Easley, Lopez de Prado and
 * O'Hara 2012). Alarms come of a recording of the engine toxicity beside the market's.
 */
/** @satisfies {import("tickforge/backtest").Strategy} */
export default {
  name: "market_maker",
  doc: "Rests on both sides of the mid, with an inventory limit; stands wider while an alarm of VPIN lasts.",
  params: {
    spread: { type: "f64", above: 0, max: 10_000, default: 2, unit: "bp", doc: "between its bid and its ask; never inside the market's" },
    size: { type: "f64", min: 0, default: 0, unit: "units", doc: "of an order, in whole lots; 0: one lot" },
    limit: { type: "f64", min: 0, default: 0, unit: "units", doc: "held at the most, long or short; 0: ten orders" },
    lean: { type: "f64", min: 0, max: 10, default: 1, doc: "shift of both prices at the limit, in half spreads, towards being rid of it" },
    widen: { type: "f64", min: 1, max: 100, default: 3, doc: "the spread is so many times as wide during an alarm" },
    wait: { type: "f64", min: 0.001, max: 86_400, default: 1, unit: "seconds", doc: "between two looks" },
  },
  /** 1 while an alarm of the instrument is in force. */
  stateEach: { alarmed: 1 },
  begin: ({ spread, size, limit, lean, widen, wait }) => {
    /** One order of a side, at the price and size that are wanted; none where the size is 0. */
    const keep = (context, id, side, price, wanted) => {
      const [order, ...others] = context.orders(id).filter((one) => one.side === side);
      for (const other of others) context.cancel(other.id);
      if (!order) {
        if (wanted > 0) context.submit({ instrument: id, side, price, size: wanted, type: "post_only" });
      } else if (order.state === "resting") {
        if (wanted <= 0) context.cancel(order.id);
        else if (Math.abs(order.price - price) > 1e-9 * price) context.replace(order.id, { price, size: wanted });
      }
    };

    const quote = (context, { id, tick, lot }) => {
      const { bid, ask } = context.book(id);
      if (!(bid > 0 && ask > bid)) return;
      const held = Math.round(context.position(id) / lot);
      const order = Math.max(1, Math.round(size / lot));
      const most = limit > 0 ? Math.round(limit / lot) : 10 * order;
      const mid = (bid + ask) / 2;
      const half = (mid * spread * (context.stateOf(id).alarmed[0] === 1 ? widen : 1)) / 20_000;
      const middle = mid - (lean * half * held) / most;
      const down = Math.floor(Math.min(middle - half, bid) / tick + 1e-9) * tick;
      const up = Math.ceil(Math.max(middle + half, ask) / tick - 1e-9) * tick;
      keep(context, id, 1, down, down > 0 ? Math.min(order, most - held) * lot : 0);
      keep(context, id, -1, up, Math.min(order, most + held) * lot);
    };

    const look = (context) => {
      for (const one of context.instruments) quote(context, one);
      context.timer("look", context.now + BigInt(Math.round(wait * 1e9)));
    };
    const one = (context, instrument) => quote(context, context.instruments[instrument]);
    return {
      onStart: look,
      onTimer: look,
      onFill: (context, { instrument }) => one(context, instrument),
      onAlarm(context, { instrument, began }) {
        context.stateOf(instrument).alarmed[0] = began ? 1 : 0;
        one(context, instrument);
      },
    };
  },
};
