/** tickforge down, as it is declared. */
import type { Command } from "../kit/command.js";
import { jsonFlag, noColorFlag } from "../kit/common_flags.js";
import { systemFlags } from "./system_flags.js";

export const downCommand: Command = {
  name: "down",
  synopsis: "[FILE]",
  summary: "ends a running system: sources stop, topics run empty, states are written",
  examples: ["tickforge down", "tickforge down system.json"],
  flags: { system: [systemFlags], output: [[jsonFlag, noColorFlag]] },
  run: async (given) => (await import("./down.js")).down(given),
};
