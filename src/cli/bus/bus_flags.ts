/** The flags of `tickforge bus` and its help; each belongs to some of its four commands. */
import type { Flag } from "../kit/flag.js";

export const busCommands = ["up", "status", "tail", "play"] as const;
export type BusCommand = (typeof busCommands)[number];

const all = busCommands;
type BusFlag = Flag & { readonly of: readonly BusCommand[] };

export const busFlags: readonly BusFlag[] = [
  { name: "topology", value: "NAME", kind: "text", doc: "single, dual or triple: the buses of its table", group: "up", of: ["up"] },
  {
    name: "redis",
    value: "start|URLS",
    kind: "text",
    doc: "on Redis: servers that it starts on unix sockets, or an address a bus",
    group: "up",
    of: ["up"],
  },
  {
    name: "from",
    value: "N",
    kind: "whole",
    doc: "from row number N on, as far back as the ring goes (default: the last 10)",
    group: "tail",
    of: ["tail"],
  },
  { name: "limit", value: "N", kind: "whole", doc: "at most N rows", group: "tail", of: ["tail"] },
  { name: "follow", doc: "go on until Ctrl-C, or until the topic is removed", group: "tail", of: ["tail"] },
  {
    name: "pace",
    value: "X",
    kind: "number",
    doc: "1: as it was recorded, 10: ten times as fast (default: full speed)",
    group: "play",
    of: ["play"],
  },
  { name: "topic", value: "NAME", kind: "text", doc: "publish under this name", group: "play", of: ["play"] },
  { name: "pin", value: "CORES", kind: "text", doc: "run on these cores alone, such as 2 or 2,3", group: "play", of: ["play"] },
  { name: "real-time", value: "P", kind: "whole", doc: "SCHED_FIFO with priority 1 to 99, where permitted", group: "play", of: ["play"] },
  {
    name: "over",
    value: "500ms",
    kind: "duration",
    doc: "time over which rates are measured (default: 500ms)",
    group: "status",
    of: ["status"],
  },
  { name: "folder", value: "DIR", kind: "text", doc: "where the rings lie (default: one per user in memory)", group: "all", of: all },
  { name: "namespace", value: "NAME", kind: "text", doc: "keeps buses of one user apart (default: default)", group: "all", of: all },
  { name: "json", doc: "one JSON object a line", group: "all", of: all },
  { name: "quiet", doc: "errors only; plain text", group: "all", with: ["no-color"], of: all },
  { name: "no-color", doc: "", group: "all", of: all },
];

export function busHelp(): string {
  const together = new Set(busFlags.flatMap((flag) => flag.with ?? []));
  let group = "";
  const lines = busFlags
    .filter((flag) => !together.has(flag.name))
    .map((flag) => {
      const head = flag.group === group ? "" : flag.group;
      group = flag.group;
      const words = [`--${flag.name}${flag.value ? ` ${flag.value}` : ""}`, ...(flag.with ?? []).map((name) => `--${name}`)].join(" ");
      return `${head.padEnd(8)}${words.padEnd(20)}${flag.doc}`;
    });
  return `tickforge bus up | status | tail | play   topics in shared memory on this machine
  tickforge bus up topics.json        makes the topics declared there, and holds them until Ctrl-C
  tickforge bus up --topology dual    the buses of a topology: market_data and 14 more types of message
  tickforge bus status [TOPIC...]     who is attached, how far each one is, rates, what was left behind
  tickforge bus tail TOPIC --follow   rows as they come; nobody waits for who only looks
  tickforge bus play trades.tfr       publishes a recording
${lines.join("\n")}
topics.json: { "topics": [{ "name": "trades", "columns": { "time": "i64", "price": "f64" }, "rows": 256 }] }
`;
}
