/** tickforge doctor, as it is declared. */
import type { Command } from "../kit/command.js";
import { forceFlag, jsonFlag, noColorFlag } from "../kit/common_flags.js";

export const doctorCommand: Command = {
  name: "doctor",
  synopsis: "[feed FILE|SOURCE]",
  summary: "what works here, and what to do about what does not",
  examples: [
    "tickforge doctor",
    "tickforge doctor --report mac.md   a file to post: this machine, its backends, their errors and speed",
    "tickforge doctor --json            for a bug report",
    "tickforge doctor feed log.gz       a log or recording: what is missing or double, clocks, sides",
    "tickforge doctor feed binance:BTCUSDT --for 1m   the same of what comes live",
  ],
  flags: {
    measure: [
      [{ name: "calibrate", doc: "from how many rows on which backend is the fastest; calls choose by it from then on" }],
      [{ name: "report", value: "FILE", doc: ".md or .json; with no name of a host or user and no path in it. Takes about a minute" }],
      [{ name: "only", value: "LIST", doc: "with either: these kernels alone, names with commas" }],
      [forceFlag],
    ],
    feed: [
      [{ name: "venue", value: "NAME", doc: "whose messages a log holds; by default the one whose rules read them" }],
      [{ name: "for", value: "30s", kind: "duration", doc: "how long live sources are listened to (default: 30s)" }],
      [{ name: "url", value: "ws://...", doc: "address in place of the venue's, such as that of tickforge venue" }],
    ],
    output: [[jsonFlag, noColorFlag]],
  },
  run: async (given) => (await import("./doctor.js")).doctor(given),
};
