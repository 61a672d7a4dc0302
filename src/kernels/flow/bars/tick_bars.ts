import { kernel } from "../../../core/call/kernel.js";
import { addToBar, barCompare, barInputs, barOutputs, barState, emitBar, openBar, sampleTrades } from "../parts/bars.js";

/** Trades gathered into bars of equally many trades. */
export const tickBars = kernel({
  name: "tick_bars",
  rows: "trade",
  produces: "bar",
  doc: "Bars of `barTrades` trades each, whatever their sizes; the unfinished last bar stays in the state.",
  source: "Lopez de Prado (2018), Advances in Financial Machine Learning, section 2.3.1 (tick bars)",
  inputs: barInputs,
  params: { barTrades: { type: "i32", min: 1, default: 1000, unit: "trades", doc: "trades of a bar" } },
  state: { ...barState, trades: { ...barState.trades, check: { min: 0, below: "barTrades", integer: true } } },
  outputs: barOutputs,
  compare: barCompare,
  cost: ({ trade = 0 }) => ({ flops: 5 * trade, bytes: 17 * trade }),
  reference(call) {
    const { in: ins, params, state, out } = call;
    let produced = 0;
    for (let i = 0; i < ins.price.length; i++) {
      const full = state.trades[0]! + 1 === params.barTrades;
      if (full && produced === out.first.length) return { consumed: i, produced };
      openBar(call, i);
      addToBar(call, i, ins.size[i]!);
      if (full) emitBar(call, i, produced++);
      state.lastTime[0] = ins.time[i]!;
      state.rows[0]!++;
    }
    return { consumed: ins.price.length, produced };
  },
  sample: ({ trade = 0 }, random, _, without) => sampleTrades(trade, random, without),
  golden: [
    {
      source: "pandas 1.5.3 groupby(row // 3): first, last, max, min, sum, size; the last two trades fill no bar",
      inputs: {
        time: [10n, 20n, 20n, 30n, 40n, 50n, 60n, 70n],
        price: [10, 11, 9, 12, 12.5, 8, 10, 10.5],
        size: [3, 4, 0, 5, 17, 2, 6, 1],
        side: [1, -1, 1, 1, -1, 0, 1, -1],
      },
      options: { barTrades: 3 },
      outputs: {
        first: [10, 12],
        last: [9, 8],
        high: [11, 12.5],
        low: [9, 8],
        volume: [7, 24],
        signedVolume: [-1, -12],
        trades: [3, 3],
        startTime: [10n, 30n],
        endTime: [20n, 50n],
        endIndex: [2, 5],
      },
      relative: 0,
    },
  ],
  parity: [
    ...[0, 1, 7, 1_003, 40_009].flatMap((trade) => [
      { dims: { trade }, options: { barTrades: 7 } },
      { dims: { trade }, options: { barTrades: 100 }, without: ["side"] },
    ]),
    { dims: { trade: 1_003 }, options: { barTrades: 1 } },
    { dims: { trade: 1_003 }, options: { barTrades: 2_000 } },
  ],
  bench: [
    { dims: { trade: 1_000_000 }, label: "1000 trades a bar" },
    { dims: { trade: 1_000_000 }, options: { barTrades: 10 }, label: "10 trades a bar" },
  ],
});
