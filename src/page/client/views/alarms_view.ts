/** All alarms, newest first; each leads to its moment. */
import type { Alarm } from "../../series/alarm_log.js";
import type { App, View } from "../base/app.js";
import { type Column, h, table } from "../base/dom.js";
import { count, isoNs, significant, span, toMs } from "../base/format.js";
import { saveCsv } from "../base/save.js";
import { alarmKey } from "../base/store.js";
import { zoneName } from "../base/zone.js";
import { acknowledge, isKnown, knownWords } from "./acknowledge.js";

/** More are counted, and reached by their time. */
const MOST_SHOWN = 500;

export class AlarmsView implements View {
  readonly element = h("div", {});
  readonly series = [];
  readonly columns = 64;
  private made = "";
  /** Grows with each note of this browser. */
  private notes = 0;
  private readonly unknown = h("input", { type: "checkbox", change: () => this.update() });
  private readonly into = h("div", {});

  constructor(private readonly app: App) {
    const controls = h(
      "div",
      { class: "controls", role: "group", "aria-label": "alarms" },
      h("label", {}, this.unknown, "only those that nobody acknowledged"),
      h("button", { type: "button", click: () => this.save() }, "save as CSV"),
    );
    this.element.append(controls, this.into);
    this.update();
  }
  update(): void {
    const { alarms, revision, hello } = this.app.store;
    const key = `${hello?.server} ${revision} ${alarms.size} ${this.notes} ${this.unknown.checked}`;
    if (key === this.made) return;
    this.made = key;
    const all = this.listed();
    const standing = all.filter((alarm) => alarm.standing).length;
    const words = this.unknown.checked ? "alarms that nobody acknowledged" : "alarms";
    const focused = (document.activeElement as HTMLElement | null)?.dataset.alarm;
    const columns: Column<Alarm>[] = [
      { head: `raised (${zoneName()})`, words: true, cell: (alarm) => this.link(alarm) },
      { head: "of", words: true, cell: ({ of }) => of },
      { head: "topic", words: true, cell: ({ topic }) => topic },
      {
        head: "stood for",
        cell: ({ from, to, standing }) => (standing ? h("strong", { class: "alarm" }, "\u25b2 stands") : span(to - from)),
      },
      { head: "raised at", words: true, cell: ({ values }) => shortly(values) },
      { head: "acknowledged", words: true, cell: (alarm) => this.known(alarm) },
      { head: "row", cell: ({ row }) => count(row) },
    ];
    const more = all.length > MOST_SHOWN ? `, the newest ${MOST_SHOWN} here` : "";
    this.into.replaceChildren(
      ...(alarms.size > 0 && all.length === 0
        ? [h("p", { class: "empty" }, "All alarms are acknowledged.")]
        : all.length === 0
          ? [
              h(
                "p",
                { class: "empty" },
                "No alarm has been raised. An alarm is a row of toxicity whose VPIN ranks above its threshold, or a row of risk whose loss went beyond its value at risk.",
              ),
            ]
          : [table(`${count(all.length)} ${words}, ${count(standing)} of them stand${more}`, columns, all.slice(0, MOST_SHOWN))]),
    );
    if (focused !== undefined) this.element.querySelector<HTMLElement>(`[data-alarm="${CSS.escape(focused)}"]`)?.focus();
  }
  /** Newest first. */
  private listed(): Alarm[] {
    const all = [...this.app.store.alarms.values()].filter((alarm) => !this.unknown.checked || !isKnown(this.app, alarm));
    return all.sort((a, b) => b.from - a.from || b.row - a.row);
  }
  private known(alarm: Alarm): HTMLElement {
    const take = () =>
      acknowledge(this.app, alarm, () => {
        this.notes++;
        this.update();
      });
    const words = knownWords(this.app, alarm);
    const visible = words === "" ? "acknowledge" : "more";
    const label = `${visible}: alarm of ${alarm.of}, row ${alarm.row} of ${alarm.topic}`;
    const button = h("button", { type: "button", class: "link", "data-alarm": `${alarmKey(alarm)}?`, "aria-label": label, click: take });
    button.append(visible);
    return h("span", { class: "words" }, words === "" ? "" : `\u2713 ${words} `, button);
  }
  private save(): void {
    const head = [`from (${zoneName()})`, `to (${zoneName()})`, "of", "topic", "row", "standing", "acknowledged", "values"];
    const time = (ms: number) => isoNs(String(BigInt(Math.round(ms * 1e6))));
    const rows = this.listed().map((alarm) => {
      const { from, to, of, topic, row, standing, values } = alarm;
      const numbers = Object.entries(values).map(([name, value]) => `${name}=${value}`);
      return [time(from), time(to), of, topic, row, Number(standing), knownWords(this.app, alarm), numbers.join(" ")];
    });
    saveCsv(`alarms ${this.app.store.hello?.name ?? ""}`, [head, ...rows]);
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
