/** tickforge validate, of files and of buses, as it is declared. */
import { sessionFlag, tradeColumns } from "../kit/column_flags.js";
import type { Command } from "../kit/command.js";
import { backendFlag, forceFlag, jsonFlag, noColorFlag, quietFlag } from "../kit/common_flags.js";

export const validateCommand: Command = {
  name: "validate",
  synopsis: "FILE... | bus",
  summary: "bad rows of trade files, and what else is odd; or whether the buses deliver",
  examples: [
    "tickforge validate trades.csv.gz                   exit 3 where something is bad",
    "tickforge validate --json --most 100000 a.csv.gz b.csv.gz",
    "tickforge validate bus --quick                     delivery, failover, latency of engines, a score",
    "tickforge validate bus --namespace live            of a system that runs, without touching its topics",
    "tickforge validate bus dual legacy --redis         of single dual triple legacy (default: all of them)",
  ],
  flags: {
    input: [
      ...tradeColumns,
      [sessionFlag],
      [{ name: "most", value: "N", kind: "whole", doc: "bad rows listed of each file (default: 20); all are counted" }],
      [backendFlag],
    ],
    bus: [
      [{ name: "redis", doc: "also on redis-server processes that it starts and kills" }],
      [{ name: "quick", doc: "fewer rows and requests" }],
      [{ name: "system", value: "FILE", doc: "the buses of a system that tickforge up runs from this file" }],
      [
        { name: "folder", value: "DIR", doc: "the rings of a system that runs there: probes beside its topics, which are only looked at" },
        { name: "namespace", value: "NAME", doc: "the same of a namespace, as tickforge bus has it" },
      ],
      [
        { name: "report", value: "FILE.html", doc: "one page, no network" },
        { name: "out", letter: "o", value: "FILE.json", doc: "what --json prints" },
      ],
      [forceFlag],
    ],
    output: [[jsonFlag, quietFlag, noColorFlag]],
  },
  run: async (given) =>
    given.words[0] === "bus"
      ? (await import("../validate_bus/validate_bus.js")).validateBus(given)
      : (await import("./validate.js")).validate(given),
};
