/** One line of time for all charts: where what is shown lies in all there is, and ways to go elsewhere. */
import type { App } from "../base/app.js";
import { h } from "../base/dom.js";
import { span as lasting, toSecond } from "../base/format.js";
import { zoneAt } from "../base/zone.js";

const lengths: readonly (readonly [label: string, ms: number])[] = [
  ["1 min", 60_000],
  ["10 min", 600_000],
  ["1 h", 3_600_000],
  ["all", 0],
];
const MOST_MARKS = 200;

export class Timeline {
  readonly element: HTMLElement;
  private readonly shownPart = h("div", { class: "window" });
  private readonly marks = h("div", { class: "marks" });
  private readonly track = h("div", { class: "track", "aria-hidden": "true" }, this.marks, this.shownPart);
  private readonly words = h("p", { class: "soft when" });
  private readonly follow: HTMLButtonElement[];
  private marked = "";

  constructor(private readonly app: App) {
    const button = (label: string, title: string, click: () => void) =>
      h("button", { type: "button", title, "aria-label": title, click }, label);
    this.follow = lengths.map(([label, ms]) =>
      h("button", { type: "button", "aria-pressed": "false", click: () => app.show({ span: undefined, length: ms }, true) }, label),
    );
    this.element = h(
      "section",
      { class: "timeline", "aria-label": "time line" },
      h(
        "div",
        { class: "controls", role: "group", "aria-label": "time" },
        button("\u25c0", "earlier", () => app.pan(-0.5)),
        button("\u25b6", "later", () => app.pan(0.5)),
        button("+", "closer", () => app.scale(0.5, 0.5)),
        button("\u2212", "farther", () => app.scale(2, 0.5)),
        h("span", { class: "soft" }, "the last"),
        ...this.follow,
      ),
      this.track,
      this.words,
    );
    const go = (event: PointerEvent) => {
      const all = this.app.store.span;
      if (!all) return;
      const { left, width } = this.track.getBoundingClientRect();
      const at = all[0] + Math.min(1, Math.max(0, (event.clientX - left) / width)) * (all[1] - all[0]);
      const half = (this.app.span[1] - this.app.span[0]) / 2;
      this.app.show({ span: [at - half, at + half] });
    };
    this.track.addEventListener("pointerdown", (event) => {
      this.track.setPointerCapture(event.pointerId);
      go(event);
    });
    this.track.addEventListener("pointermove", (event) => event.buttons > 0 && go(event));
  }

  update(wanted: boolean): void {
    const { store, span, shown } = this.app;
    const all = store.span;
    this.element.hidden = !all || !wanted;
    if (!all || !wanted) return;
    const share = (time: number) => Math.min(1, Math.max(0, (time - all[0]) / Math.max(1e-6, all[1] - all[0])));
    const [from, to] = [share(span[0]), share(span[1])];
    this.shownPart.style.left = `${100 * from}%`;
    this.shownPart.style.width = `${100 * Math.max(0.004, to - from)}%`;
    const words = `${toSecond(span[0])} to ${toSecond(span[1])} ${zoneAt(span[1])} (${lasting(span[1] - span[0])})`;
    if (this.words.textContent !== words) this.words.textContent = words;
    for (const [i, [, ms]] of lengths.entries())
      this.follow[i]!.setAttribute("aria-pressed", String(!shown.span && this.lengthOf() === ms));
    this.mark(share);
  }
  private lengthOf(): number {
    const { shown, store } = this.app;
    return shown.length >= 0 ? shown.length : usualLength(store.hello?.mode);
  }
  private mark(share: (time: number) => number): void {
    const { store } = this.app;
    const places = [...new Set([...store.alarms.values()].map(({ from }) => Math.round(MOST_MARKS * share(from))))];
    const key = places.join();
    if (key === this.marked) return;
    this.marked = key;
    this.marks.replaceChildren(
      ...places.map((place) => {
        const mark = h("i", {});
        mark.style.left = `${(100 * place) / MOST_MARKS}%`;
        return mark;
      }),
    );
  }
}

/** All of a recording, the newest ten minutes of a running market. */
export const usualLength = (mode: "live" | "recording" | undefined): number => (mode === "live" ? 600_000 : 0);
