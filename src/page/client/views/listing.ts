/** Newest rows of the topics of portfolios as tables: told by their columns, asked for when there are new ones. */
import type { RowsAnswer, TopicInfo } from "../../series/wire.js";
import type { App } from "../base/app.js";
import { type Column, h, table } from "../base/dom.js";
import { count, significant, toMs } from "../base/format.js";
import { refresh } from "../base/refresh.js";
import { cellOf } from "./rows_table.js";

interface Kind {
  readonly title: string;
  readonly has: readonly string[];
  readonly lacks?: readonly string[];
  /** What numbers of its columns stand for, beside those of all. */
  readonly words?: Words;
  /** The newest row of each of these, the largest of `by` first; without it the newest rows of all. */
  readonly each?: { readonly of: string; readonly by: string };
}
const kinds: readonly Kind[] = [
  { title: "Target weights", has: ["instrument", "weight"], each: { of: "instrument", by: "weight" } },
  {
    ...{ title: "Positions and profit", has: ["instrument", "position", "realized", "unrealized"] },
    each: { of: "instrument", by: "profit" },
  },
  {
    ...{ title: "Holdings", has: ["time", "instrument", "quantity"], lacks: ["price", "expiry"] },
    each: { of: "instrument", by: "quantity" },
  },
  { title: "Accounts", has: ["account", "equity", "maintenance"], each: { of: "account", by: "equity" } },
  { title: "Result of all", has: ["equity", "drawdown", "profit"], lacks: ["instrument", "account"] },
  { title: "How weights were found", has: ["solve", "status", "gap"], lacks: ["instrument"] },
  {
    ...{ title: "Orders", has: ["instrument", "order", "size", "side"], lacks: ["fee", "received"] },
    words: {
      kind: { first: 8, words: ["limit", "market", "post only", "immediate", "whole", "cancel", "replace", "replace, post only"] },
    },
  },
  { title: "Fills", has: ["instrument", "order", "size", "side", "fee"], lacks: ["queue"] },
  {
    ...{ title: "Answers to orders", has: ["instrument", "order", "size", "side", "fee", "queue"] },
    words: {
      kind: { first: 1, words: ["accepted", "filled", "cancelled", "rejected", "replaced"] },
      reason: {
        first: 0,
        words: [
          ...["", "no such order", "id in use", "it would take", "no room", "nothing left to take", "not to be had whole", "no size"],
          "off the grid",
        ],
      },
    },
  },
];
type Words = Readonly<Record<string, { readonly first: number; readonly words: readonly string[] }>>;
const wordsOfAll: Words = {
  status: { first: 0, words: ["solved", "stopped", "infeasible", "no risk model", "no asset"] },
  cause: { first: 0, words: ["interval", "model", "alarm"] },
  side: { first: -1, words: ["sell", "", "buy"] },
};
const PAGE = 500;
const MOST_PAGES = 20;
const SHOWN = 30;
const NEWEST = 20;

type Cell = number | string | null;
export type Row = readonly Cell[];

/** Topics of portfolios, in the order in which they are shown. */
export const listingsOf = (topics: readonly TopicInfo[], app: App): Listing[] =>
  kinds.flatMap((kind) => {
    const fits = ({ columns }: TopicInfo) => {
      const there = (name: string) => columns.some((one) => one.name === name);
      return kind.has.every(there) && !kind.lacks?.some(there);
    };
    return topics.filter(fits).map((topic) => new Listing(app, topic, kind));
  });

export class Listing {
  readonly element = h("div", {});
  rows: readonly Row[] = [];
  private numbers: readonly number[] = [];
  private shown = "";
  private busy = false;

  constructor(
    private readonly app: App,
    readonly topic: TopicInfo,
    private readonly kind: Kind,
  ) {}
  at(name: string): number {
    return this.topic.columns.findIndex((one) => one.name === name);
  }

  /** Asks whether there are others than those that are shown: up to a time, ms UTC, or the newest. */
  async look(until: number | undefined): Promise<void> {
    if (this.busy || !this.app.connected) return;
    this.busy = true;
    const { name: topic } = this.topic;
    const upTo = until === undefined ? {} : { until };
    try {
      const newest = await this.app.rows({ topic, count: 1, ...upTo });
      const key = `${newest.numbers[0]} ${newest.rows > 0}`;
      if (key === this.shown) return;
      if (this.kind.each) await this.readEach(this.kind.each, upTo);
      else this.keep(await this.app.rows({ topic, count: NEWEST, ...upTo }));
      this.shown = key;
      this.draw();
    } catch {
      // The page says above that the connection is lost; what was read stays.
    } finally {
      this.busy = false;
    }
  }
  private keep({ cells, numbers }: RowsAnswer): void {
    this.rows = cells.toReversed();
    this.numbers = numbers.toReversed();
  }
  /** Backwards until a page has none that was not seen. */
  private async readEach({ of, by }: NonNullable<Kind["each"]>, upTo: { readonly until?: number }): Promise<void> {
    const [key, value] = [this.at(of), this.at(by)];
    const found = new Map<Cell, { readonly row: Row; readonly number: number }>();
    let ask: { readonly until?: number } | { readonly before: number } = upTo;
    for (let page = 0; page < MOST_PAGES; page++) {
      const { cells, numbers, more } = await this.app.rows({ topic: this.topic.name, count: PAGE, ...ask });
      const known = found.size;
      for (let i = cells.length - 1; i >= 0; i--)
        if (!found.has(cells[i]![key]!)) found.set(cells[i]![key]!, { row: cells[i]!, number: numbers[i]! });
      if (!more || found.size === known) break;
      ask = { before: numbers[0]! };
    }
    const size = ({ row }: { readonly row: Row }) => Math.abs(Number(row[value] ?? 0));
    const sorted = [...found.values()].sort((a, b) => size(b) - size(a));
    this.rows = sorted.map(({ row }) => row);
    this.numbers = sorted.map(({ number }) => number);
  }

  private draw(): void {
    const { rows, topic, kind, numbers } = this;
    if (rows.length === 0) {
      refresh(this.element, h("p", { class: "soft" }, `${kind.title} (${topic.name}): no row yet.`));
      return;
    }
    const some = kind.each && rows.length > SHOWN ? `the ${SHOWN} largest of ${count(rows.length)}` : count(rows.length);
    const caption = kind.each ? `${kind.title} (${topic.name}): ${some}` : `${kind.title} (${topic.name}), newest first`;
    const key = kind.each?.of;
    const words = { ...wordsOfAll, ...kind.words };
    const order = topic.columns
      .map((_, k) => k)
      .sort((a, b) => Number(topic.columns[b]!.name === key) - Number(topic.columns[a]!.name === key));
    const columns: Column<number>[] = order.map((k) => ({
      head: headOf(topic.columns[k]!.name),
      cell: (row) => textOf(topic.columns[k]!, rows[row]![k]!, words),
      ...(isText(topic.columns[k]!, topic.key, words) && { words: true }),
    }));
    const list = rows.slice(0, kind.each ? SHOWN : NEWEST).map((_, i) => i);
    refresh(this.element, table(caption, [...columns, { head: "row", cell: (row) => count(numbers[row]!) }], list));
  }
}

type Info = TopicInfo["columns"][number];
const isText = ({ name, dtype }: Info, key: string | undefined, words: Words) =>
  dtype === "i64" || name === key || name in words || isFlag(dtype, name);
/** Columns of u8 that are yes or no; what others mean by their numbers nobody knows here. */
const flags: ReadonlySet<string> = new Set(["alarm", "there", "kept", "maker"]);
const isFlag = (dtype: string, name: string) => dtype === "u8" && flags.has(name);
/** `primalResidual` as `primal residual`. */
const headOf = (name: string): string => name.replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
function textOf({ name, dtype }: Info, cell: Cell, words: Words): string {
  if (name in words && typeof cell === "number") return words[name]!.words[cell - words[name]!.first] ?? String(cell);
  if (isFlag(dtype, name)) return cell === 1 ? "yes" : "no";
  if (dtype === "i64" && (name === "time" || name === "happened")) return toMs(Number(cell) / 1e6);
  return typeof cell === "number" ? significant(cell) : cellOf(name, dtype, cell);
}
