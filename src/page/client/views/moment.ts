/** The alarm that the address names: the row that raised it, and the trades of the bucket that it closed. */
import type { Alarm } from "../../series/alarm_log.js";
import type { RowsAnswer, TopicInfo } from "../../series/wire.js";
import type { App } from "../base/app.js";
import { h } from "../base/dom.js";
import { count, span, toMs } from "../base/format.js";
import { alarmKey } from "../base/store.js";
import { zoneAt } from "../base/zone.js";
import { acknowledge, knownWords } from "./acknowledge.js";
import { proofList, rankedAmong } from "./known.js";
import { rowsTable } from "./rows_table.js";

const MOST_TRADES = 200;

export class Moment {
  readonly element = h("div", {});
  private key = "";

  constructor(private readonly app: App) {}

  update(): void {
    const { shown, store, connected } = this.app;
    const alarm = shown.alarm === undefined ? undefined : store.alarms.get(shown.alarm);
    const key = !connected ? this.key : alarm ? `${alarmKey(alarm)} ${alarm.standing} ${knownWords(this.app, alarm)}` : (shown.alarm ?? "");
    if (key === this.key) return;
    this.key = key;
    if (!alarm) {
      const missing =
        shown.alarm === undefined ? [] : [h("p", { class: "notice" }, `The alarm ${shown.alarm} is none of those that are known.`)];
      this.element.replaceChildren(...missing);
      return;
    }
    const lasted = alarm.standing ? "it stands" : `it stood for ${span(alarm.to - alarm.from)}`;
    const rows = h("div", { "aria-busy": "true" }, h("p", { class: "soft" }, "asking for its rows"));
    const known = knownWords(this.app, alarm);
    const take = () => acknowledge(this.app, alarm, () => this.update());
    const close = () => this.app.show({ alarm: undefined }, true);
    this.element.replaceChildren(
      h(
        "section",
        { class: "moment", "aria-label": "alarm" },
        h("h2", {}, `Alarm of ${alarm.of}, ${toMs(alarm.from)} ${zoneAt(alarm.from)}`),
        h(
          "p",
          {},
          `Row ${count(alarm.row)} of ${alarm.topic} raised it; ${lasted}. ${known === "" ? "Nobody has acknowledged it here. " : `Acknowledged by ${known}. `}`,
          h("button", { type: "button", click: take }, "acknowledge"),
          " ",
          h("button", { type: "button", click: close }, "close"),
        ),
        rows,
      ),
    );
    void this.fill(rows, alarm);
  }

  private async fill(into: HTMLElement, alarm: Alarm): Promise<void> {
    const { topic: name, of, row } = alarm;
    const topic = this.app.store.topic(name)!;
    try {
      const answer = await this.app.rows({ topic: name, from: row, count: 1, proof: true });
      if (answer.numbers[0] !== row) {
        into.replaceChildren(
          h("p", { class: "notice" }, `Row ${count(row)} of ${name} is kept no more: the newest rows from ${count(answer.first)} on are.`),
        );
        return;
      }
      into.replaceChildren(
        rowsTable(`The row that raised it`, topic, answer, () => true),
        proofList(answer),
      );
      const among = await rankedAmong(this.app, topic, alarm);
      if (among) into.append(among);
      const stretch = stretchOf(topic, answer);
      const trades = this.app.store.hello?.topics.find(({ columns }) =>
        ["price", "size", "side"].every((one) => columns.some(({ name }) => name === one)),
      );
      if (!stretch || !trades) return;
      const found = await this.app.rows({ topic: trades.name, time: stretch, of, count: MOST_TRADES });
      const what =
        found.numbers.length === 0
          ? `The trades of that bucket are kept no more: ${trades.name} is kept from row ${count(found.first)} on`
          : `${found.more ? `The first ${MOST_TRADES}` : count(found.numbers.length)} trades of that bucket`;
      into.append(rowsTable(what, trades, found, () => true));
    } catch (error) {
      // With the next connection it is asked for again.
      if (!this.app.connected) this.key = "";
      into.replaceChildren(h("p", { class: "notice" }, (error as Error).message));
    } finally {
      into.removeAttribute("aria-busy");
    }
  }
}

/** First and last moment of a bucket, ms UTC. */
function stretchOf({ columns }: TopicInfo, { cells }: RowsAnswer): [number, number] | undefined {
  const of = (name: string) => cells[0]?.[columns.findIndex((column) => column.name === name)];
  const [from, to] = [of("startTime"), of("endTime")];
  // Times of rows are compared as doubles of milliseconds: half a microsecond to each side.
  return from == null || to == null ? undefined : [Number(from) / 1e6 - 5e-4, Number(to) / 1e6 + 5e-4];
}
