/** All alarms, newest first; each leads to its moment. */
import type { Alarm } from "../../series/alarm_log.js";
import type { App, View } from "../base/app.js";
import { type Column, h, table } from "../base/dom.js";
import { count, significant, span, toMs } from "../base/format.js";
import { alarmKey } from "../base/store.js";

/** More are counted, and reached by their time. */
const MOST_SHOWN = 500;

export class AlarmsView implements View {
  readonly element = h("div", {});
  readonly series = [];
  readonly columns = 64;
  private made = "";

  constructor(private readonly app: App) {
    this.update();
  }
  update(): void {
    const { alarms, revision, hello } = this.app.store;
    const key = `${hello?.server} ${revision} ${alarms.size}`;
    if (key === this.made) return;
    this.made = key;
    const all = [...alarms.values()].sort((a, b) => b.from - a.from || b.row - a.row);
    const standing = all.filter((alarm) => alarm.standing).length;
    const focused = (document.activeElement as HTMLElement | null)?.dataset.alarm;
    const columns: Column<Alarm>[] = [
      { head: "raised (UTC)", words: true, cell: (alarm) => this.link(alarm) },
      { head: "of", words: true, cell: ({ of }) => of },
      { head: "topic", words: true, cell: ({ topic }) => topic },
      {
        head: "stood for",
        cell: ({ from, to, standing }) => (standing ? h("strong", { class: "alarm" }, "\u25b2 stands") : span(to - from)),
      },
      { head: "raised at", words: true, cell: ({ values }) => shortly(values) },
      { head: "row", cell: ({ row }) => count(row) },
    ];
    const more = all.length > MOST_SHOWN ? `, the newest ${MOST_SHOWN} here` : "";
    this.element.replaceChildren(
      ...(all.length === 0
        ? [
            h(
              "p",
              { class: "empty" },
              "No alarm has been raised. An alarm is a row of toxicity whose VPIN ranks above its threshold, or a row of risk whose loss went beyond its value at risk.",
            ),
          ]
        : [table(`${count(all.length)} alarms, ${count(standing)} of them stand${more}`, columns, all.slice(0, MOST_SHOWN))]),
    );
    if (focused !== undefined) this.element.querySelector<HTMLElement>(`[data-alarm="${CSS.escape(focused)}"]`)?.focus();
  }
  private link(alarm: Alarm): HTMLElement {
    return h("button", { type: "button", class: "link", "data-alarm": alarmKey(alarm), click: () => this.open(alarm) }, toMs(alarm.from));
  }
  private open(alarm: Alarm): void {
    const panel = this.app.store.series.find(({ topic, of }) => topic === alarm.topic && of === alarm.of)?.panel;
    const margin = Math.max(10_000, 2 * (alarm.to - alarm.from));
    const view = panel === "risk" ? "risk" : "market";
    this.app.show({ view, alarm: alarmKey(alarm), span: [alarm.from - margin, alarm.to + margin], instruments: [alarm.of] }, true);
  }
  restyle(): void {}
  close(): void {}
}

const told = ["vpin", "cdf", "price", "lastPrice", "loss", "var", "es"];
const shortly = (values: Readonly<Record<string, number>>): string =>
  told.flatMap((name) => (values[name] === undefined ? [] : [`${name} ${significant(values[name], 5)}`])).join("   ");
