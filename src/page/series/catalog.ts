/** Which topics the page draws, told by their columns: what a topic is named is up to its system. */
import type { Columns, Topic } from "../../bus/bus.js";

/** One line of a chart. */
export interface Series {
  readonly id: number;
  readonly topic: string;
  readonly column: string;
  /** Instrument or account that it is of; the topic itself where its rows are of all. */
  readonly of: string;
  readonly panel: Panel;
}
/** `measure`: a chart of its own, where somebody chooses it. */
export type Panel = "price" | "toxicity" | "risk" | "margin" | "weights" | "worth" | "gains" | "measure";

export interface Kind {
  readonly has: readonly string[];
  /** Columns that topics of other kinds have beside these. */
  readonly lacks?: readonly string[];
  readonly time: string;
  /** Column that tells instruments or accounts apart; without one a row is of all. */
  readonly key?: string;
  readonly draws: Readonly<Partial<Record<Panel, readonly string[]>>>;
  /** All other numbers of a row can be chosen, but for these. */
  readonly measuredBut?: readonly string[];
  /** Column that is 1 while an alarm stands. */
  readonly alarm?: string;
  /** Of columns with several values a row the first one is drawn. */
  readonly first?: true;
}

const trades: Kind = {
  ...{ has: ["time", "instrument", "price", "size", "side"], lacks: ["order", "received", "first"] },
  ...{ time: "time", key: "instrument", draws: { price: ["price"] } },
};
const prices: Kind = {
  ...{ has: ["time", "instrument", "price"], lacks: ["size", "side", "loss", "position", "value"] },
  ...{ time: "time", key: "instrument", draws: { price: ["price"] } },
};
const quotes: Kind = {
  ...{ has: ["time", "instrument", "bid", "ask", "bidSize", "askSize"], lacks: ["price", "bids"] },
  ...{ time: "time", key: "instrument", draws: { price: ["bid", "ask"] } },
};
const books: Kind = {
  ...{ has: ["time", "instrument", "bid", "ask", "bidSize", "askSize", "bids", "asks"], lacks: ["price"] },
  ...{ time: "time", key: "instrument", draws: { price: ["bid", "ask"] }, first: true },
};
const risk: Kind = {
  has: ["time", "instrument", "var", "es", "alarm"],
  ...{ time: "time", key: "instrument", draws: { risk: ["var", "es"] }, alarm: "alarm" },
  measuredBut: ["price", "tested", "expected", "observed"],
};
/** A topic is of the first that it fits. */
const kinds: readonly Kind[] = [
  trades,
  // Features and bars.
  { has: ["time", "instrument", "volume", "trades"], time: "time", key: "instrument", draws: {}, measuredBut: [] },
  prices,
  quotes,
  books,
  {
    has: ["vpin", "cdf", "alarm", "startTime", "endTime", "instrument"],
    ...{ time: "endTime", key: "instrument", draws: { toxicity: ["vpin", "cdf"] }, alarm: "alarm" },
    measuredBut: ["buy", "sell", "endIndex", "lastPrice"],
  },
  { ...risk, has: [...risk.has, "loss"], draws: { risk: ["var", "es", "loss"] } },
  risk,
  { has: ["time", "account", "equity", "maintenance"], time: "time", key: "account", draws: { margin: ["equity", "maintenance"] } },
  { has: ["time", "instrument", "weight"], time: "time", key: "instrument", draws: { weights: ["weight"] } },
  {
    ...{ has: ["time", "instrument", "position", "realized", "unrealized", "profit"], time: "time", key: "instrument" },
    ...{ draws: { gains: ["profit", "realized", "unrealized"] }, measuredBut: ["price"] },
  },
  { has: ["time", "equity", "drawdown", "profit"], lacks: ["instrument", "account"], time: "time", draws: { worth: ["equity"] } },
  { has: ["time", "solve", "status", "gap", "worth"], lacks: ["instrument"], time: "time", draws: { worth: ["worth"] } },
];

const drawnOf = ({ draws }: Kind): string[] => Object.values(draws).flat();
const isReal = ({ columns }: Topic, name: string, anyWidth = false): boolean =>
  (anyWidth || (columns[name]?.width ?? 1) === 1) && columns[name]?.dtype === "f64";
const fits = (topic: Topic, kind: Kind): boolean =>
  kind.has.every((name) => topic.columns[name]) &&
  !kind.lacks?.some((name) => topic.columns[name]) &&
  drawnOf(kind).every((name) => isReal(topic, name, kind.first)) &&
  topic.columns[kind.time]!.dtype === "i64";

/** Columns of a topic that are drawn, and where; those of charts that are always there come first. */
export function linesOf(topic: Topic, kind: Kind): { readonly column: string; readonly panel: Panel }[] {
  const always = Object.entries(kind.draws).flatMap(([panel, columns]) => columns.map((column) => ({ column, panel: panel as Panel })));
  const { measuredBut } = kind;
  if (!measuredBut) return always;
  const others = new Set([...drawnOf(kind), ...measuredBut]);
  const chosen = Object.keys(topic.columns).filter((name) => isReal(topic, name) && !others.has(name));
  return [...always, ...chosen.map((column) => ({ column, panel: "measure" as const }))];
}

/** What is drawn of each topic; where there are trades no other prices, and where there are quotes no best levels of books. */
export function kindsOf(topics: readonly Topic<Columns>[]): ReadonlyMap<string, Kind> {
  const found = new Map(
    topics.flatMap((topic) => {
      const kind = kinds.find((one) => fits(topic, one));
      return kind ? [[topic.name, kind] as const] : [];
    }),
  );
  const there = new Set(found.values());
  for (const [name, kind] of found) if ((kind === prices && there.has(trades)) || (kind === books && there.has(quotes))) found.delete(name);
  return found;
}

/** Levels a side that a topic of order books shows; undefined where it is none. */
export function levelsOf({ columns }: Topic): number | undefined {
  const sides = ["bid", "bidSize", "ask", "askSize"].map((name) => columns[name]);
  const levels = sides[0]?.width ?? 1;
  const whole = sides.every((side) => side?.dtype === "f64" && (side.width ?? 1) === levels);
  const rows = columns.time?.dtype === "i64" && columns.instrument?.dtype === "u32" && columns.bids && columns.asks && !columns.price;
  return whole && rows ? levels : undefined;
}

/** The column that says when a row was, in nanoseconds. */
export const timeColumn = ({ columns }: Topic): string | undefined =>
  ["time", "endTime"].find((name) => columns[name]?.dtype === "i64" && (columns[name]?.width ?? 1) === 1);
