/** Raw rows as the page shows them: the newest, those of a stretch of time, those of one instrument. */
import type { Columns, Topic } from "../../bus/bus.js";
import { crc32c } from "../../bus/frame.js";
import type { Checksum } from "../../bus/topic_hash.js";
import { levelsOf, timeColumn } from "../series/catalog.js";
import { halves, msOf, type Numbers, nameOf } from "../series/picture.js";
import type { RowsAnswer, RowsAsk, TopicInfo } from "../series/wire.js";
import { proofOf } from "./proof.js";
import type { RowTable } from "./source.js";

/** Columns whose numbers are symbols of their topic. */
const named = new Set(["instrument", "account", "engine", "metric", "factor", "strategy", "model", "rule", "kernel", "code"]);
/** Rows that one answer holds, and that are looked at for it. */
const MOST_ROWS = 500;
const MOST_LOOKED_AT = 2 ** 20;
/** Values of a vector that a cell shows. */
const MOST_VALUES = 8;

/** The first column of a topic whose numbers are names. */
const keyColumn = ({ columns }: Topic<Columns>): string | undefined => Object.keys(columns).find((name) => named.has(name));
/** A topic as pages are told of it. */
export const topicInfo = (topic: Topic<Columns>): TopicInfo => ({
  name: topic.name,
  columns: Object.entries(topic.columns).map(([name, { dtype, width = 1 }]) => ({ name, dtype, width })),
  time: timeColumn(topic),
  key: keyColumn(topic),
  levels: levelsOf(topic),
});

export function answerRows(table: RowTable, ask: RowsAsk, instruments: readonly string[], checksum: Checksum = crc32c): RowsAnswer {
  const { topic, symbols } = table;
  const [key, time] = [keyColumn(topic), timeColumn(topic)];
  const most = Math.min(MOST_ROWS, ask.count);
  const found: number[] = [];
  const fits = (place: number): "yes" | "no" | "behind" => {
    const { columns, index } = table.at(place);
    if (ask.time && time !== undefined) {
      const x = msOf(halves(columns[time]!, index + 1), index);
      if (x > ask.time[1]) return "behind";
      if (x < ask.time[0]) return "no";
    }
    return ask.of === undefined || key === undefined || nameOf(columns[key]![index]!, symbols, instruments) === ask.of ? "yes" : "no";
  };
  const forward = ask.time !== undefined || ask.from !== undefined;
  const start = ask.time ? table.placeAt(ask.time[0]) : ask.from !== undefined ? table.placeOf(ask.from) : undefined;
  let more = false;
  if (forward) {
    const last = Math.min(table.end, start! + MOST_LOOKED_AT);
    for (let place = Math.max(start!, table.oldest); place < last; place++) {
      const fit = fits(place);
      if (fit === "behind" && table.ordered) break;
      if (fit !== "yes") continue;
      if ((more = found.length === most)) break;
      found.push(place);
    }
  } else {
    const before =
      ask.until !== undefined ? placeBehind(table, time, ask.until) : ask.before === undefined ? table.end : table.placeOf(ask.before);
    for (let place = before - 1; place >= Math.max(table.oldest, before - MOST_LOOKED_AT); place--) {
      if (fits(place) !== "yes") continue;
      if ((more = found.length === most)) break;
      found.push(place);
    }
    found.reverse();
  }
  const numbers: number[] = [];
  const cells = found.map((place) => {
    const { columns, index, number } = table.at(place);
    numbers.push(number);
    return Object.entries(topic.columns).map(([name, { width = 1 }]) => cellOf(columns[name]!, index, width, named.has(name) && nameIn));
  });
  function nameIn(id: number): string {
    return nameOf(id, symbols, instruments);
  }
  const first = table.oldest < table.end ? table.at(table.oldest).number : 0;
  const proof = ask.proof && found.length > 0 ? { proof: proofOf(table, found[0]!, checksum) } : {};
  return { kind: "rows", id: ask.id, topic: topic.name, numbers, cells, rows: table.rows, first, more, ...proof };
}

/** Of the first row later than this; where it has no times, of none. */
function placeBehind(table: RowTable, time: string | undefined, until: number): number {
  let [from, to] = [table.oldest, table.end];
  if (time === undefined) return to;
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    const { columns, index } = table.at(middle);
    if (msOf(halves(columns[time]!, index + 1), index) <= until) from = middle + 1;
    else to = middle;
  }
  return from;
}

function cellOf(view: Numbers[string], row: number, width: number, name: false | ((id: number) => string)): number | string | null {
  if (width > 1) {
    const values = Array.from(view as Float64Array).slice(row * width, row * width + Math.min(width, MOST_VALUES));
    return `${values.join(" ")}${width > MOST_VALUES ? ` and ${width - MOST_VALUES} more` : ""}`;
  }
  const value = view[row] as number | bigint;
  if (typeof value === "bigint") return String(value);
  if (name) return name(value);
  return Number.isNaN(value) ? null : Number.isFinite(value) ? value : String(value);
}
