/** tickforge drill, as it is declared. */
import type { Command } from "../kit/command.js";
import { forceFlag, interactiveFlag, jsonFlag, noColorFlag, quietFlag } from "../kit/common_flags.js";

export const drillCommand: Command = {
  name: "drill",
  synopsis: "[RECORDING]",
  summary: "whether a system keeps its promises when the market comes a hundred times faster",
  examples: [
    "tickforge drill                            a simulated market with a flash crash, three bursts of 20 s",
    "tickforge drill day.tfr --report drill.html   a recording, a folder of them, or a file of trades in any layout",
    "tickforge drill trades.csv --system system.json   your own system, its market replaced by these trades",
  ],
  notes: ["What each promise means, and what recovery is: docs/drill.md. A broken promise ends with exit code 3."],
  flags: {
    bursts: [
      [{ name: "burst", value: "N", kind: "number", doc: "so many times faster (default: 100)" }],
      [
        { name: "bursts", value: "N", kind: "whole", doc: "so many bursts (default: 3)" },
        { name: "length", value: "20s", kind: "duration", doc: "each so long (default: 20s)" },
        { name: "calm", value: "5s", kind: "duration", doc: "before, between and after them (default: 5s)" },
      ],
      [
        {
          ...{ name: "pace", value: "N", kind: "number" },
          doc: "seconds of the market a second in between (default: 20 simulated; else 1, or what makes 500 trades a second)",
        },
      ],
    ],
    system: [[{ name: "system", value: "FILE", doc: "a system file (default: the system of tickforge up, with two slow takers)" }]],
    output: [
      [{ name: "report", value: "FILE.html", doc: "one page with charts" }, interactiveFlag],
      [jsonFlag, forceFlag, quietFlag, noColorFlag],
    ],
  },
  run: async (given) => (await import("./drill.js")).drill(given),
};
