/** The keys of the page: what each does, and the list of them. */

import { views } from "./base/address.js";
import type { App } from "./base/app.js";
import { openDialog } from "./base/dialog.js";
import { table } from "./base/dom.js";
import { openSettings } from "./settings.js";

const list = [
  [`1 to ${views.length}`, "the views, in their order"],
  ["\u2190 \u2192", "earlier, later"],
  ["+ \u2212", "closer, farther"],
  ["0", "the newest, or all of a recording"],
  ["s", "settings: time zone and numbers"],
  ["?", "these keys"],
  ["Tab", "from control to control; the first leads past the head"],
  ["on a chart: \u2190 \u2192", "its cursor, from value to value, which are said; with Shift a tenth of what is shown"],
  ["on a chart: Home End", "its first and last value; Escape leaves it"],
  ["in a table: arrows", "scroll it"],
  ["Escape", "closes a dialog"],
] as const;

export function openKeys(): void {
  const columns = [
    { head: "key", words: true, cell: ([key]: (typeof list)[number]) => key },
    { head: "what it does", words: true, cell: ([, what]: (typeof list)[number]) => what },
  ] as const;
  openDialog("Keys", table("With the mouse: drag over a chart, or turn the wheel with Ctrl, to go closer.", columns, list));
}

/** Keys that go elsewhere are left to the browser. */
export function followKey(event: KeyboardEvent, app: App): void {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const inside = target instanceof HTMLElement && target.closest("input, select, textarea, dialog");
  const scrolls = target instanceof HTMLElement && target.closest(".scroll") && key.startsWith("Arrow");
  if (inside || scrolls) return;
  const view = views[Number(key) - 1];
  if (view) app.show({ view }, true);
  else if (key === "ArrowLeft") app.pan(-0.25);
  else if (key === "ArrowRight") app.pan(0.25);
  else if (key === "+" || key === "=") app.scale(0.5, 0.5);
  else if (key === "-") app.scale(2, 0.5);
  else if (key === "0") app.show({ span: undefined }, true);
  else if (key === "s") openSettings(app);
  else if (key === "?") openKeys();
  else return;
  event.preventDefault();
}
