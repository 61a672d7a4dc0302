/** An alarm is acknowledged: in this browser alone, or for all who look where the server takes that. */
import type { Alarm } from "../../series/alarm_log.js";
import type { App } from "../base/app.js";
import { openDialog } from "../base/dialog.js";
import { h } from "../base/dom.js";
import { toMs } from "../base/format.js";
import { keepName, keepNote, keptName, notedOf } from "../base/kept.js";
import { zoneAt } from "../base/zone.js";

const MOST_NAME = 60;
const MOST_NOTE = 300;

/** Notes are by the system that they are about. */
const systemOf = ({ store }: App): string => store.hello?.name ?? "";
export const isKnown = (app: App, alarm: Alarm): boolean => alarm.acknowledged !== undefined || notedOf(systemOf(app), alarm) !== undefined;

/** Who has acknowledged it, when, and what they say; empty where nobody has. */
export function knownWords(app: App, alarm: Alarm): string {
  const { acknowledged: all } = alarm;
  const mine = notedOf(systemOf(app), alarm);
  const said = (note: string) => (note === "" ? "" : `: ${note}`);
  return [
    ...(all ? [`${all.by}, ${toMs(all.at).slice(0, -4)}${said(all.note)}`] : []),
    ...(mine ? [`here, ${toMs(mine.at).slice(0, -4)}${said(mine.note)}`] : []),
  ].join("; ");
}

/** `done` hears that something has changed. */
export function acknowledge(app: App, alarm: Alarm, done: () => void): void {
  const mine = notedOf(systemOf(app), alarm);
  const forAll = app.store.hello?.control === true && !alarm.acknowledged;
  const note = h("input", { type: "text", maxlength: MOST_NOTE, size: 36, autofocus: true });
  note.value = mine?.note ?? "";
  const name = h("input", { type: "text", maxlength: MOST_NAME, size: 18, autocomplete: "name" });
  name.value = keptName();
  const wrong = h("p", { role: "alert", class: "alarm" });
  const here = () => {
    keepNote(systemOf(app), alarm, { note: note.value.trim(), at: Date.now() });
    dialog.close();
    done();
  };
  const everywhere = () => {
    const by = name.value.trim();
    if (by === "") {
      wrong.textContent = "Say who you are: all who look see it.";
      name.focus();
      return;
    }
    keepName(by);
    if (app.acknowledge({ topic: alarm.topic, row: alarm.row, by, note: note.value.trim() })) dialog.close();
    else wrong.textContent = "The connection is lost: nothing was sent. Try again when it is back.";
  };
  const forget = () => {
    keepNote(systemOf(app), alarm, undefined);
    dialog.close();
    done();
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (forAll) everywhere();
    else here();
  };
  const form = h(
    "form",
    { submit },
    h("p", {}, `Raised ${toMs(alarm.from)} ${zoneAt(alarm.from)}, row ${alarm.row} of ${alarm.topic}.`),
    h("p", { class: "soft" }, knownWords(app, alarm)),
    h("label", {}, "note ", note),
    ...(forAll ? [h("label", {}, "your name ", name)] : []),
    wrong,
    h(
      "div",
      { class: "controls" },
      ...(forAll ? [h("button", { type: "submit" }, "acknowledge for all")] : []),
      h("button", { type: forAll ? "button" : "submit", click: forAll ? here : undefined }, "acknowledge in this browser"),
      ...(mine ? [h("button", { type: "button", click: forget }, "forget mine")] : []),
    ),
    h(
      "p",
      { class: "soft" },
      forAll
        ? "For all: the server keeps it as long as it runs, writes it into its log, and tells every page. In this browser: nobody else sees it."
        : alarm.acknowledged
          ? "It is acknowledged for all; what you add stays in this browser."
          : "It stays in this browser; nobody else sees it. A server started with --control and --token takes it for all.",
    ),
  );
  const dialog = openDialog(`Alarm of ${alarm.of}`, form);
}
