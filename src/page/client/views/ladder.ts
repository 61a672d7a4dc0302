/** One order book as a table: a level a row, the best first, with the sizes as bars. */
import type { BookRow } from "../../series/wire.js";
import { h } from "../base/dom.js";
import { alignedTexts, fixed, none, significant, toNs } from "../base/format.js";
import { zoneAt } from "../base/zone.js";

const heads = ["level", "bid size", "bid", "ask", "ask size"];
type Side = "bid" | "ask";
interface Cells {
  readonly row: HTMLElement;
  readonly size: Readonly<Record<Side, HTMLElement>>;
  readonly price: Readonly<Record<Side, HTMLElement>>;
  readonly bar: Readonly<Record<Side, HTMLElement>>;
}

export class Ladder {
  readonly element: HTMLElement;
  private readonly when = h("span", { class: "soft" });
  private readonly facts = h("p", { class: "facts" });
  private readonly note = h("p", { class: "soft nothing", hidden: true });
  private readonly levels: readonly Cells[];
  private readonly scroll: HTMLElement;

  constructor(title: string, levels: number) {
    this.levels = Array.from({ length: levels }, (_, level) => cellsOf(level));
    const head = h("tr", {}, ...heads.map((name) => h("th", { scope: "col" }, name)));
    const body = h("tbody", {}, ...this.levels.map(({ row }) => row));
    const whole = h("table", {}, h("caption", { class: "unseen" }, title), h("thead", {}, head), body);
    this.scroll = h("div", { class: "levels", hidden: true }, whole);
    this.element = h(
      "figure",
      { class: "ladder" },
      h("figcaption", {}, h("span", { class: "title" }, title), this.when),
      this.facts,
      this.note,
      this.scroll,
    );
  }

  /** There is none. */
  lack(why: string): void {
    this.scroll.hidden = true;
    this.facts.hidden = true;
    this.when.textContent = "";
    this.note.hidden = false;
    this.note.textContent = why;
  }
  /** `at`: whose moment it is of. */
  show(book: BookRow, at: string): void {
    this.facts.hidden = false;
    write(this.when, `${toNs(book.time).slice(0, 23)} ${zoneAt(Number(book.time) / 1e6)}, ${at}`);
    const [bid, ask] = [real(book.bid), real(book.ask)];
    const [bidSize, askSize] = [real(book.bidSize), real(book.askSize)];
    const shown = Math.max(depthOf(bid), depthOf(ask));
    write(this.facts, factsOf(bid, ask, bidSize, askSize));
    this.scroll.hidden = shown === 0;
    const notes = notesOf(book, depthOf(bid), depthOf(ask));
    this.note.hidden = notes === "";
    write(this.note, notes);
    const prices = alignedTexts([...bid, ...ask]);
    const sizes = alignedTexts([...bidSize, ...askSize], 9);
    const largest = Math.max(...[...bidSize, ...askSize].filter((size) => size > 0));
    for (const [level, { row, size, price, bar }] of this.levels.entries()) {
      row.hidden = level >= shown;
      for (const [side, from, of, sure] of [
        ["bid", 0, bidSize, book.sure[0]],
        ["ask", bid.length, askSize, book.sure[1]],
      ] as const) {
        const there = prices[from + level] !== none;
        write(price[side], there && level >= sure ? `${prices[from + level]!} ?` : prices[from + level]!);
        write(size[side], sizes[from + level]!);
        bar[side].style.width = `${of[level]! > 0 ? Math.max(1, (100 * of[level]!) / largest).toFixed(1) : 0}%`;
      }
    }
  }
}

const real = (side: readonly (number | null)[]): number[] => side.map((value) => value ?? Number.NaN);
/** Levels up to the last one that there is. */
const depthOf = (prices: readonly number[]): number => prices.findLastIndex((price) => !Number.isNaN(price)) + 1;
const write = (into: HTMLElement, text: string): void => {
  if (into.textContent !== text) into.textContent = text;
};

function cellsOf(level: number): Cells {
  const cell = (side: Side) => h("span", { class: `number ${side}` });
  const [size, price] = [
    { bid: cell("bid"), ask: cell("ask") },
    { bid: cell("bid"), ask: cell("ask") },
  ];
  const bar = { bid: h("i", { class: "bar bid" }), ask: h("i", { class: "bar ask" }) };
  const row = h(
    "tr",
    {},
    h("th", { scope: "row" }, level + 1),
    h("td", {}, bar.bid, size.bid),
    h("td", {}, price.bid),
    h("td", {}, price.ask),
    h("td", {}, bar.ask, size.ask),
  );
  return { row, size, price, bar };
}

/** Spread, mid, and the imbalance of all sizes that are shown: (bid - ask) / (bid + ask). */
function factsOf(bid: readonly number[], ask: readonly number[], bidSize: readonly number[], askSize: readonly number[]): string {
  const [best, worst] = [bid[0]!, ask[0]!];
  if (Number.isNaN(best) || Number.isNaN(worst)) return "spread \u2013   mid \u2013   imbalance \u2013";
  const mid = best / 2 + worst / 2;
  const points = mid > 0 ? ` (${significant((1e4 * (worst - best)) / mid, 3)} bp)` : "";
  const sum = (sizes: readonly number[]) => sizes.reduce((all, size) => all + (size > 0 ? size : 0), 0);
  const [bids, asks] = [sum(bidSize), sum(askSize)];
  const imbalance = (bids - asks) / (bids + asks);
  const sign = imbalance > 0 ? "+" : "";
  // Of numbers with the decimals of prices the difference has those too, but for the last bits of a double.
  const spread = significant(Number((worst - best).toPrecision(9)), 9);
  return `spread ${spread}${points}   mid ${alignedTexts([mid])[0]!}   imbalance ${Number.isNaN(imbalance) ? none : `${sign}${fixed(imbalance, 2)}`}`;
}

function notesOf({ sure, bid, ask }: BookRow, bids: number, asks: number): string {
  if (bids === 0 && asks === 0) return "The book is empty or broken: it has no level on either side.";
  const crossed = bid[0] != null && ask[0] != null && bid[0] >= ask[0];
  const said = [
    bids === 0 && "There is no bid.",
    asks === 0 && "There is no ask.",
    crossed && "The book is crossed: its best bid is not below its best ask.",
    (sure[0] < bids || sure[1] < asks) && "Levels with ? are not sure: better ones may lie between them.",
  ];
  return said.filter((one) => one !== false).join(" ");
}
