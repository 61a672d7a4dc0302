/** tickforge backtest, as it is declared. */
import { selfTrades } from "../../backtest/costs/self_trade.js";
import type { Command } from "../kit/command.js";
import { backendFlag, forceFlag, interactiveFlag, jsonFlag, noColorFlag, quietFlag } from "../kit/common_flags.js";

const queues = ["risk_averse", "power", "exact", "trades"];

export const backtestCommand: Command = {
  name: "backtest",
  synopsis: "STRATEGY FILES...",
  summary: "what a strategy would have done in recordings: queues, latency, costs",
  examples: [
    "tickforge backtest market_maker btc.tfr btc.book_changes.tfr --fees kraken_spot --latency 5ms --report b.html",
    "tickforge backtest ./mine.js btc*.tfr --set wait=2 --bar 1s --json",
    "tickforge backtest market_maker btc*.tfr --sweep spread=1..10 --workers 4 --walk-forward 20d/5d --report w.html",
  ],
  notes: [
    "STRATEGY: do_nothing, market_maker, imbalance_taker, schedule (in examples/strategies); or a module: .js, .ts.",
    "FILES: recordings of trades, quotes, book_changes (tickforge record), of what engines said, and files of trades.",
  ],
  flags: {
    what: [
      [{ name: "set", value: "NAME=VALUE", many: true, doc: "a parameter; again for another" }],
      [
        { name: "capital", value: "MONEY", kind: "number", doc: "what returns are shares of (1,000,000)" },
        { name: "bar", value: "60s", kind: "duration", doc: "whose returns are measured (60s)" },
      ],
      [{ name: "time-limit", value: "60s", kind: "duration", doc: "a hook that takes longer ends its run (60s)" }],
    ],
    market: [
      [
        { name: "from", value: "T", kind: "time", doc: "rows from then on" },
        { name: "to", value: "T", kind: "time", doc: "and before then, UTC" },
      ],
      [
        { name: "queue", value: "MODEL", kind: "choice", choices: queues, doc: `${queues.join(", ")} (first)` },
        { name: "power", value: "P", kind: "number", doc: "of power (3)" },
      ],
      [{ name: "latency", value: "5ms", doc: "to the venue and back; or each: 5ms/2ms, then that of the feed: 5ms/2ms/1ms (0)" }],
      [{ name: "fees", value: "TABLE|MAKER/TAKER", doc: "such as kraken_spot, or -0.5bp/4bp; below 0 a rebate (none)" }],
      [
        { name: "funding", value: "1bp/8h", doc: "longs pay shorts" },
        { name: "borrow", value: "5%/3%", doc: "a year: short, and long" },
      ],
      [
        { name: "impact", value: "2%/50000", doc: "a day's volatility and units" },
        { name: "margin", value: "5%", doc: "of what is held" },
      ],
      [
        { name: "self-trade", value: "RULE", kind: "choice", choices: selfTrades, doc: `${selfTrades.join(", ")} (first)` },
        { name: "order-rate", value: "300/10s", many: true, doc: "most orders" },
      ],
      [
        { name: "tick", value: "T", kind: "number", doc: "price steps of all instruments" },
        { name: "lot", value: "L", kind: "number", doc: "and size steps (deduced)" },
        { name: "instrument", value: "NAME:T/L", many: true, doc: "of one" },
      ],
    ],
    sweep: [
      [{ name: "sweep", value: "NAME=VALUES", many: true, doc: "1..10, 0.1..1:0.1 or 1,2,5 of a parameter; again: all combinations" }],
      [{ name: "workers", value: "N", kind: "whole", doc: "threads over the same pages (one a core); the answer does not hang on them" }],
      [{ name: "walk-forward", value: "20d/5d", doc: "choose in the first part, trade in the second, window after window" }],
      [
        { name: "purge", value: "T", kind: "duration", doc: "left out at the end of the first part" },
        { name: "embargo", value: "T", kind: "duration", doc: "at the beginning of the second" },
      ],
    ],
    output: [
      [{ name: "report", value: "FILE.html", doc: "one page" }, interactiveFlag, jsonFlag],
      [forceFlag, quietFlag, noColorFlag],
    ],
    run: [[backendFlag]],
  },
  run: async (given) => (await import("./backtest.js")).backtestRun(given),
};
