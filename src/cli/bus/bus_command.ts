/** tickforge bus, as it is declared: each group of flags is of one of its commands, or of all. */
import type { Command } from "../kit/command.js";
import { noColorFlag, quietFlag } from "../kit/common_flags.js";

export const busCommand: Command = {
  name: "bus",
  synopsis: "up | status | tail | play",
  summary: "topics in shared memory: held, looked at, followed, recordings played",
  examples: [
    "tickforge bus up topics.json        makes the topics declared there, and holds them until Ctrl-C",
    "tickforge bus up --topology dual    the buses of a topology: trades, risk and 28 more types of message",
    "tickforge bus status [TOPIC...]     who is attached, how far each one is, rates, what was left behind",
    "tickforge bus tail TOPIC --follow   rows as they come; nobody waits for who only looks",
    "tickforge bus play trades.tfr       publishes a recording, and says whether its rows are those that were recorded",
  ],
  notes: ['topics.json: { "topics": [{ "name": "trades", "columns": { "time": "i64", "price": "f64" }, "rows": 256 }] }'],
  flags: {
    up: [
      [{ name: "topology", value: "NAME", doc: "single, dual or triple: the buses of its table" }],
      [{ name: "redis", value: "start|URLS", doc: "on Redis: servers that it starts on unix sockets, or an address a bus" }],
    ],
    tail: [
      [
        {
          ...{ name: "from", value: "N", kind: "whole" },
          doc: "from row number N on, as far back as the ring goes (default: the last 10)",
        },
      ],
      [{ name: "limit", value: "N", kind: "whole", doc: "at most N rows" }],
      [{ name: "follow", doc: "go on until Ctrl-C, or until the topic is removed" }],
    ],
    play: [
      [{ name: "pace", value: "X", kind: "number", doc: "1: as it was recorded, 10: ten times as fast (default: full speed)" }],
      [{ name: "topic", value: "NAME", doc: "publish under this name" }],
      [{ name: "pin", value: "CORES", doc: "run on these cores alone, such as 2 or 2,3" }],
      [{ name: "real-time", value: "P", kind: "whole", doc: "SCHED_FIFO with priority 1 to 99, where permitted" }],
    ],
    status: [[{ name: "over", value: "500ms", kind: "duration", doc: "time over which rates are measured (default: 500ms)" }]],
    all: [
      [{ name: "folder", value: "DIR", doc: "where the rings lie (default: one per user in memory)" }],
      [{ name: "namespace", value: "NAME", doc: "keeps buses of one user apart (default: default)" }],
      [{ name: "json", doc: "one JSON object a line" }],
      [quietFlag, noColorFlag],
    ],
  },
  run: async (given) => (await import("./bus.js")).bus(given),
};
