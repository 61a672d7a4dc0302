/** tickforge status, as it is declared. */
import type { Command } from "../kit/command.js";
import { jsonFlag, noColorFlag } from "../kit/common_flags.js";
import { systemFlags } from "./system_flags.js";

export const statusCommand: Command = {
  name: "status",
  synopsis: "[FILE]",
  summary: "a running system: place, pid, rates, lag, restarts and memory of each engine",
  examples: ["tickforge status", "tickforge status system.json --hash", "tickforge status --json"],
  flags: {
    system: [systemFlags],
    output: [
      [{ name: "hash", doc: "a hash of each topic's rows so far: equal for a run, its replay, and one that was killed in between" }],
      [jsonFlag, noColorFlag],
    ],
  },
  run: async (given) => (await import("./status.js")).status(given),
};
