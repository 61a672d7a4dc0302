/** tickforge page, as it is declared. */
import type { Command } from "../kit/command.js";
import { noColorFlag, quietFlag } from "../kit/common_flags.js";

export const pageCommand: Command = {
  name: "page",
  synopsis: "FILE.tfr... | FOLDER",
  summary: "shows recordings in a browser: one time line, alarms, the rows behind each",
  examples: [
    "tickforge page recorded/                 every topic of the folder, as the engine recorder writes them",
    "tickforge page trades.tfr toxicity.tfr   these two",
  ],
  notes: [
    "The answer is the address: open it in a browser. tickforge up has the same page of the system that it runs.",
    "An index of each file is made once and lies beside it, as FILE.tfr.index.",
    "A recording that is damaged is shown up to there, and the exit code is 3.",
  ],
  flags: {
    server: [
      [{ name: "port", value: "N", kind: "whole", doc: "of the page (default: 8600, or the next that is free)" }],
      [{ name: "host", value: "ADDRESS", doc: "listen there instead of 127.0.0.1; needs --token" }],
      [{ name: "token", value: "TEXT", doc: "whoever opens the page must have it: it is part of the address" }],
      [{ name: "control", doc: "who has the token may acknowledge alarms on the page, for all who look" }],
      [{ name: "for", value: "10s", kind: "duration", doc: "end by itself after so long" }],
    ],
    output: [[quietFlag, noColorFlag]],
  },
  run: async (given) => (await import("./page.js")).page(given),
};
