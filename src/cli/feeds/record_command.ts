/** tickforge record, as it is declared. */
import type { Command } from "../kit/command.js";
import { forceFlag, jsonFlag, noColorFlag, quietFlag } from "../kit/common_flags.js";

export const recordCommand: Command = {
  name: "record",
  synopsis: "SOURCE...",
  summary: "writes what venues say live into recordings, until Ctrl-C",
  examples: [
    "tickforge record binance:BTCUSDT kraken:BTC/USD --out day.tfr   trades; gaps and cuts are in day.feed_status.tfr",
    "tickforge record binance:BTCUSDT --channels trades,book --out btc.tfr --rotate 1h   and the ten best levels",
    'tickforge bus play day.tfr          plays it; so does a system whose market_data has "source": "recording"',
  ],
  notes: ["Venues: binance, binance_futures, coinbase, kraken. No key is needed. HTTPS_PROXY and NO_PROXY are obeyed."],
  flags: {
    what: [
      [{ name: "channels", value: "LIST", doc: "of trades, quotes, depth, book, book_changes (default: trades)" }],
      [
        { name: "url", value: "ws://...", doc: "address in place of the venue's, such as that of tickforge venue" },
        { name: "rest", value: "http://...", doc: "that of its REST" },
      ],
      [{ name: "for", value: "8h", kind: "duration", doc: "end by itself after so long" }],
    ],
    output: [
      [{ name: "out", value: "FILE.tfr", doc: "trades; other channels go beside it, as FILE.quotes.tfr" }],
      [{ name: "rotate", value: "1h", kind: "duration", doc: "new files so often, with the time of their beginning in the name" }],
      [jsonFlag, forceFlag, quietFlag, noColorFlag],
    ],
  },
  run: async (given) => (await import("./record.js")).record(given),
};
