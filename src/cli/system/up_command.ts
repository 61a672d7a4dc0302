/** tickforge up, as it is declared. */
import type { Command } from "../kit/command.js";
import { jsonFlag, noColorFlag, quietFlag } from "../kit/common_flags.js";
import { systemFlags } from "./system_flags.js";

export const upCommand: Command = {
  name: "up",
  synopsis: "[FILE]",
  summary: "starts a system of engines and holds it up until Ctrl-C",
  examples: [
    "tickforge up                      a simulated market of three instruments, with a flash crash a minute in",
    "tickforge up system.json          what the file declares (docs/system.md; its schema is system.schema.json)",
    "tickforge up system.json --explain   what would run where, and nothing is started",
  ],
  notes: ["Killed engines, and a system that was ended, go on from their last snapshots with the same bits."],
  flags: {
    start: [
      [{ name: "explain", doc: "check everything, print what would run where, start nothing" }],
      [{ name: "fresh", doc: "forget the states of earlier runs and begin anew" }],
      [{ name: "host", value: "NAME", doc: "start what the file places on this host" }],
      [{ name: "page", value: "PORT", doc: "port of its page, ADDRESS:PORT, or off (default: 127.0.0.1, 8600 or the next that is free)" }],
      [{ name: "token", value: "TEXT", doc: "whoever opens the page must have it; needed for an ADDRESS that others reach" }],
      [{ name: "control", doc: "who has the token may acknowledge alarms on the page, for all who look" }],
      [{ name: "for", value: "10s", kind: "duration", doc: "end by itself after so long" }],
      systemFlags,
    ],
    output: [[jsonFlag, quietFlag, noColorFlag]],
  },
  run: async (given) => (await import("./up.js")).up(given),
};
