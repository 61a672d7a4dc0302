/** Raw rows of any topic: the newest as they come, or a stretch that stays. */
import type { RowsAnswer } from "../../series/wire.js";
import type { App, View } from "../base/app.js";
import { h } from "../base/dom.js";
import { count, isoNs } from "../base/format.js";
import { saveCsv } from "../base/save.js";
import { zoneName } from "../base/zone.js";
import { isTime, rowsTable } from "./rows_table.js";

const COUNT = 100;
const AGAIN_MS = 500;

export class RowsView implements View {
  readonly element = h("div", {});
  readonly series = [];
  readonly columns = 64;
  private readonly topic = h("select", { change: () => this.app.show({ topic: this.topic.value, row: undefined, of: undefined }, true) });
  private readonly of = h("input", {
    type: "text",
    size: 14,
    change: () => this.app.show({ of: this.of.value.trim() || undefined, row: undefined }),
  });
  private readonly find = h("input", { type: "search", size: 14, input: () => this.app.show({ find: this.find.value }) });
  private readonly hold = h("button", { type: "button", click: () => this.toggle() }, "pause");
  private readonly into = h("div", {});
  private readonly ofLabel = h("label", {}, "of ", this.of);
  private answer: RowsAnswer | undefined;
  private topics = "";
  private asked = "";
  private drawn = "";
  private busy = false;
  private timer: ReturnType<typeof setInterval>;

  constructor(private readonly app: App) {
    const step = (by: number) => () => this.step(by);
    const controls = h(
      "div",
      { class: "controls", role: "group", "aria-label": "rows" },
      h("label", {}, "topic ", this.topic),
      this.ofLabel,
      h("label", {}, "find in these rows ", this.find),
      this.hold,
      h("button", { type: "button", click: step(-1) }, "older"),
      h("button", { type: "button", click: step(1) }, "newer"),
      h("button", { type: "button", click: () => this.save() }, "save as CSV"),
    );
    this.element.append(controls, this.into);
    this.timer = setInterval(() => this.ask(this.app.shown.row === undefined), AGAIN_MS);
    this.update();
  }

  private get name(): string | undefined {
    const { shown, store } = this.app;
    return store.topic(shown.topic ?? "")?.name ?? store.hello?.topics[0]?.name;
  }
  private toggle(): void {
    const { shown } = this.app;
    const last = this.answer?.numbers.at(-1);
    this.app.show({ row: shown.row === undefined ? last : undefined }, true);
  }
  private step(by: number): void {
    const numbers = this.answer?.numbers ?? [];
    if (numbers.length === 0) return;
    const row = by < 0 ? numbers[0]! - 1 : numbers.at(-1)! + numbers.length;
    if (row >= 0) this.app.show({ row }, true);
  }

  /** The rows of the last answer. */
  private save(): void {
    const { answer } = this;
    const topic = answer && this.app.store.topic(answer.topic);
    if (!topic) return;
    const times = topic.columns.map(({ name, dtype }) => dtype === "i64" && isTime(name));
    const head = ["row", ...topic.columns.map(({ name }, k) => (times[k] ? `${name} (${zoneName()})` : name))];
    const rows = answer.cells.map((cells, i) => [
      answer.numbers[i]!,
      ...cells.map((cell, k) => (times[k] && typeof cell === "string" && cell.length > 15 ? isoNs(cell) : cell)),
    ]);
    saveCsv(`${topic.name} ${answer.numbers[0] ?? ""}`, [head, ...rows]);
  }

  update(): void {
    const { store, shown } = this.app;
    const names = store.hello?.topics.map(({ name }) => name) ?? [];
    if (names.join() !== this.topics) {
      this.topics = names.join();
      this.topic.replaceChildren(...names.map((name) => h("option", { value: name }, name)));
    }
    const { name } = this;
    if (name === undefined) {
      this.into.replaceChildren(h("p", { class: "empty" }, "There is no topic yet."));
      return;
    }
    if (this.topic.value !== name) this.topic.value = name;
    if (document.activeElement !== this.of) this.of.value = shown.of ?? "";
    if (document.activeElement !== this.find) this.find.value = shown.find;
    this.ofLabel.hidden = store.topic(name)?.key === undefined;
    const held = shown.row !== undefined;
    this.hold.textContent = held ? "newest" : "pause";
    this.hold.setAttribute("aria-pressed", String(held));
    this.ask();
    this.draw();
  }
  /** What stays is asked for once, the newest again and again: what is drawn with each answer must not ask for the next. */
  private ask(again = false): void {
    const { shown, connected, store } = this.app;
    const { name } = this;
    if (name === undefined || !connected || this.busy) return;
    const key = JSON.stringify([store.hello?.server, name, shown.row, shown.of]);
    if (key === this.asked && !again) return;
    this.asked = key;
    this.busy = true;
    const ask = {
      topic: name,
      count: COUNT,
      ...(shown.row !== undefined && { before: shown.row + 1 }),
      ...(shown.of !== undefined && { of: shown.of }),
    };
    this.app
      .rows(ask)
      .then((answer) => {
        this.answer = answer;
        this.draw();
      })
      // Rows that were shown stay where the connection ends: the page says so above.
      .catch((error: Error) => {
        if (!this.app.connected) this.asked = "";
        if (this.app.connected || !this.answer) this.into.replaceChildren(h("p", { class: "notice" }, error.message));
      })
      .finally(() => (this.busy = false));
  }
  private draw(): void {
    const { answer } = this;
    const topic = answer && this.app.store.topic(answer.topic);
    if (!answer || !topic || answer.topic !== this.name) return;
    const { find, row } = this.app.shown;
    const key = JSON.stringify([answer.id, find, row]);
    if (key === this.drawn) return;
    this.drawn = key;
    const words = find.toLowerCase();
    const keep = (texts: readonly string[]) => words === "" || texts.some((text) => text.toLowerCase().includes(words));
    const [first, last] = [answer.numbers[0], answer.numbers.at(-1)];
    const what = first === undefined ? "no row" : `rows ${count(first)} to ${count(last!)}`;
    const caption = `${topic.name}: ${what} of ${count(answer.rows)}; kept from row ${count(answer.first)} on${row === undefined ? "" : ", held"}`;
    const [left, top] = [this.into.firstElementChild?.scrollLeft ?? 0, this.into.firstElementChild?.scrollTop ?? 0];
    const focused = this.into.firstElementChild === document.activeElement;
    const table = rowsTable(caption, topic, answer, keep, row, true);
    this.into.replaceChildren(table);
    table.scrollTo(left, top);
    if (focused) table.focus();
  }
  restyle(): void {}
  close(): void {
    clearInterval(this.timer);
  }
}
