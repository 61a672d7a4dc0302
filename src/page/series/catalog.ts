/** Which topics the page draws, told by their columns: what a topic is named is up to its system. */
import type { Columns, Topic } from "../../bus/bus.js";

/** One line of a chart. */
export interface Series {
  readonly id: number;
  readonly topic: string;
  readonly column: string;
  /** Instrument or account that it is of. */
  readonly of: string;
  readonly panel: Panel;
}
export type Panel = "price" | "toxicity" | "risk" | "margin";

export interface Kind {
  readonly panel: Panel;
  readonly has: readonly string[];
  /** Columns that topics of other kinds have beside these. */
  readonly lacks?: readonly string[];
  readonly time: string;
  /** Column that tells instruments or accounts apart. */
  readonly key: string;
  readonly draws: readonly string[];
  /** Column that is 1 while an alarm stands. */
  readonly alarm?: string;
}

const kinds: readonly Kind[] = [
  {
    ...{ panel: "price", has: ["time", "instrument", "price", "size", "side"], lacks: ["order", "received", "first"] },
    ...{ time: "time", key: "instrument", draws: ["price"] },
  },
  {
    ...{ panel: "price", has: ["time", "instrument", "price"], lacks: ["size", "side", "loss", "position", "value"] },
    ...{ time: "time", key: "instrument", draws: ["price"] },
  },
  {
    ...{ panel: "toxicity", has: ["vpin", "cdf", "alarm", "startTime", "endTime", "instrument"] },
    ...{ time: "endTime", key: "instrument", draws: ["vpin", "cdf"], alarm: "alarm" },
  },
  {
    ...{ panel: "risk", has: ["time", "instrument", "var", "es", "alarm"] },
    ...{ time: "time", key: "instrument", draws: ["var", "es"], alarm: "alarm" },
  },
  {
    ...{ panel: "margin", has: ["time", "account", "equity", "maintenance"] },
    ...{ time: "time", key: "account", draws: ["equity", "maintenance"] },
  },
];

const fits = ({ columns }: Topic, { has, lacks = [], draws, time }: Kind): boolean =>
  has.every((name) => columns[name]) &&
  !lacks.some((name) => columns[name]) &&
  draws.every((name) => (columns[name]!.width ?? 1) === 1 && columns[name]!.dtype === "f64") &&
  columns[time]!.dtype === "i64";

/** What is drawn of each topic; of several that tell the price of the same instruments, the trades alone. */
export function kindsOf(topics: readonly Topic<Columns>[]): ReadonlyMap<string, Kind> {
  const found = new Map(
    topics.flatMap((topic) => {
      const kind = kinds.find((one) => fits(topic, one));
      return kind ? [[topic.name, kind] as const] : [];
    }),
  );
  const trades = [...found.values()].includes(kinds[0]!);
  for (const [name, kind] of found) if (trades && kind === kinds[1]) found.delete(name);
  return found;
}

/** The column that says when a row was, in nanoseconds. */
export const timeColumn = ({ columns }: Topic): string | undefined =>
  ["time", "endTime"].find((name) => columns[name]?.dtype === "i64" && (columns[name]?.width ?? 1) === 1);
