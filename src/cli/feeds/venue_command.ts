/** tickforge venue, as it is declared. */
import type { Command } from "../kit/command.js";
import { noColorFlag, quietFlag } from "../kit/common_flags.js";

export const venueCommand: Command = {
  name: "venue",
  synopsis: "--replay FILE",
  summary: "a venue on this machine: WebSocket and REST of a recording, with faults or not",
  examples: [
    "tickforge venue --replay binance.ws.gz            says which address it has; begins with the first subscription",
    "tickforge venue --replay day.gz --chaos 7 --speed 0   cuts, stalls, drops and repeats, as fast as clients read",
    "tickforge venue --simulate BTCUSDT,ETHUSDT --trades 1000000 --chaos 1",
  ],
  notes: ['A line of a recording is "<epoch seconds>: {message}" or "<epoch ns> {message}"; gzipped or not.'],
  flags: {
    tape: [
      [{ name: "replay", value: "FILE", doc: "messages of a venue as they came" }],
      [{ name: "rest", value: "FILE", doc: "answers of its REST that went with them: books as they were when it began" }],
      [
        { name: "simulate", value: "SYMBOLS", doc: "random walks instead, of these symbols" },
        { name: "trades", value: "N", kind: "whole", doc: "so many (default: 100,000)" },
      ],
      [
        {
          ...{ name: "as", value: "VENUE", kind: "choice", choices: ["binance", "binance-futures", "coinbase", "kraken", "kraken-v1"] },
          doc: "binance, binance-futures, coinbase, kraken or kraken-v1 (default: what the recording is of)",
        },
      ],
      [{ name: "speed", value: "N", kind: "number", doc: "times as fast as it was; 0: as fast as clients read (default: 1)" }],
    ],
    faults: [
      [{ name: "chaos", value: "SEED", kind: "whole", doc: "with faults; the same seed gives the same ones" }],
      [{ name: "share", value: "0.02", kind: "number", doc: "share of messages that come to harm (default: 0.02)" }],
      [{ name: "life", value: "24h", kind: "duration", doc: "connections are ended after so long" }],
    ],
    server: [[{ name: "port", value: "N", kind: "whole", doc: "of 127.0.0.1 (default: one that is free)" }], [quietFlag, noColorFlag]],
  },
  run: async (given) => (await import("./venue.js")).venue(given),
};
