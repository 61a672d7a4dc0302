/** tickforge logs, as it is declared. */
import type { Command } from "../kit/command.js";
import { jsonFlag, noColorFlag } from "../kit/common_flags.js";
import { systemFlags } from "./system_flags.js";

export const logsCommand: Command = {
  name: "logs",
  synopsis: "[FILE]",
  summary: "what a system's engines and its supervisor have said",
  examples: [
    "tickforge logs",
    "tickforge logs system.json --engine risk --follow",
    "tickforge logs --json | jq 'select(.level == \"error\")'",
  ],
  notes: ["The log is one file of JSON lines; move it away as you like, it is begun anew."],
  flags: {
    lines: [
      [{ name: "engine", value: "NAME", doc: "of this engine alone" }],
      [{ name: "limit", value: "N", kind: "whole", doc: "the last N lines (default: 100)" }],
      [{ name: "follow", doc: "go on until Ctrl-C" }],
      systemFlags,
    ],
    output: [[{ ...jsonFlag, doc: "the lines as they are, JSON" }, noColorFlag]],
  },
  run: async (given) => (await import("./logs.js")).logs(given),
};
