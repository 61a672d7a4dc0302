/** What lies over a picture: it follows the pointer and the keys, and tells the values of the chart below it. */
import { timeChart } from "../../../report/kit/chart.js";
import { narrow, wide } from "../../../report/kit/layout.js";
import type { Stack, Stacked } from "../../../report/kit/stack.js";
import type { Timeline } from "../../../report/kit/timeline.js";
import { h } from "../base/dom.js";
import { type Reading, valueText } from "./reading.js";
import type { HeldChart } from "./unpack.js";

/** Of a drag that is none, and of a double tap. */
const [MOVED_PX, AGAIN_MS] = [4, 350];
const small = matchMedia("(max-width: 680px)");

export interface Cursor {
  readonly from: number;
  readonly to: number;
}
/** The charts that are pointed at and drawn closer together. */
export interface Together {
  readonly timeline: Timeline;
  /** Where the plots of the pictures begin that the page came with. */
  readonly left: Stack["left"];
  /** The time that is shown, in words. */
  readonly words: string;
  show(from?: number, to?: number): void;
  pan(by: number): void;
  scale(by: number, at?: number): void;
  point(place: number | undefined, width: number, held: HeldChart): void;
  step(by: number, width: number, held: HeldChart): void;
  read(held: HeldChart): Reading | undefined;
  timeText(from: number, to: number, days: boolean): string;
}

export class Lens {
  private readonly picture = h("div", { class: "picture" });
  private readonly stillPart = h("div", { class: "still" });
  private readonly drawnPart = h("div", { class: "drawn", hidden: true });
  private readonly line = h("div", { class: "at", hidden: true });
  private readonly chosen = h("div", { class: "chosen", hidden: true });
  private readonly told = h("div", { class: "told", hidden: true });
  private readonly element: HTMLElement;
  private left: Stack["left"];
  private dragged: { readonly from: number; readonly pointer: number } | undefined;
  private tapped = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly group: Together,
    readonly held: HeldChart,
    big: SVGSVGElement,
    little: SVGSVGElement,
  ) {
    this.left = group.left;
    this.element = h(
      "div",
      {
        ...{ class: "lens", tabindex: 0, role: "slider", "aria-orientation": "horizontal", "aria-label": `${held.chart.title}: cursor` },
        ...{ "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": 0 },
        pointerdown: (event: PointerEvent) => this.down(event),
        pointermove: (event: PointerEvent) => this.move(event),
        pointerup: (event: PointerEvent) => this.up(event),
        pointercancel: () => this.drop(),
        pointerleave: (event: PointerEvent) => event.pointerType === "mouse" && !this.dragged && this.point(undefined),
        dblclick: () => this.group.show(),
        keydown: (event: KeyboardEvent) => this.key(event),
      },
      this.chosen,
      this.line,
      this.told,
    );
    this.element.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    big.replaceWith(this.picture);
    this.stillPart.append(big, little);
    this.picture.append(this.stillPart, this.drawnPart, this.element);
  }

  /** The picture that the page came with. */
  still(): void {
    this.left = this.group.left;
    this.stillPart.classList.remove("away");
    this.drawnPart.hidden = true;
    this.tell(undefined);
  }
  /** A part of it, drawn closer. */
  draw(part: Stacked, stack: Stack): void {
    this.left = stack.left;
    const text = timeChart({ ...part, id: `${part.id}-closer`, description: this.group.words }, small.matches ? narrow : wide, stack);
    // As XML: whatever a name holds, nothing of it becomes an element of the page.
    const made = new DOMParser().parseFromString(text.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '), "image/svg+xml");
    this.drawnPart.replaceChildren(document.adoptNode(made.documentElement));
    this.drawnPart.hidden = false;
    this.stillPart.classList.add("away");
    this.tell(undefined);
  }

  /** Where the plot begins and ends, in pixels of the lens. */
  private get plot(): readonly [from: number, to: number] {
    const layout = small.matches ? narrow : wide;
    const drawn = [...this.picture.querySelectorAll("svg")].find((svg) => svg.getBoundingClientRect().width > 0);
    const box = (drawn ?? this.picture).getBoundingClientRect();
    const unit = box.width / layout.width;
    const start = box.left - this.picture.getBoundingClientRect().left;
    return [start + this.left[layout.name] * unit, start + (layout.width - layout.right) * unit];
  }
  private placeOf({ clientX }: { readonly clientX: number }): number {
    const [from, to] = this.plot;
    return Math.min(1, Math.max(0, (clientX - this.element.getBoundingClientRect().left - from) / (to - from)));
  }
  private get pixel(): number {
    const [from, to] = this.plot;
    return 1 / Math.max(1, to - from);
  }
  private point(place: number | undefined): void {
    this.group.point(place, this.pixel, this.held);
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.element.setPointerCapture(event.pointerId);
    this.dragged = { from: this.placeOf(event), pointer: event.pointerId };
    this.point(this.dragged.from);
  }
  private move(event: PointerEvent): void {
    const place = this.placeOf(event);
    this.point(place);
    if (this.dragged?.pointer !== event.pointerId) return;
    const [from, to] = this.plot;
    const ends = [this.dragged.from, place].sort((a, b) => a - b).map((share) => from + share * (to - from)) as [number, number];
    this.chosen.hidden = ends[1] - ends[0] < MOVED_PX;
    this.chosen.style.left = `${ends[0]}px`;
    this.chosen.style.width = `${ends[1] - ends[0]}px`;
  }
  private up(event: PointerEvent): void {
    const { dragged } = this;
    const moved = !this.chosen.hidden;
    this.drop();
    if (dragged?.pointer !== event.pointerId) return;
    if (moved) {
      const [from, to] = [dragged.from, this.placeOf(event)].sort((a, b) => a - b).map((place) => this.group.timeline.at(place));
      this.group.show(from, to);
    } else if (event.pointerType !== "mouse") {
      // Browsers make no double click of taps where a page may be scrolled.
      if (event.timeStamp - this.tapped < AGAIN_MS) this.group.show();
      this.tapped = event.timeStamp;
    }
  }
  private drop(): void {
    this.dragged = undefined;
    this.chosen.hidden = true;
  }
  private wheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.group.scale(event.deltaY > 0 ? 1.25 : 0.8, this.placeOf(event));
  }
  private key(event: KeyboardEvent): void {
    const { key, shiftKey } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const far = shiftKey ? 20 : 1;
    if (key === "ArrowLeft" || key === "ArrowDown") this.group.step(-far, this.pixel, this.held);
    else if (key === "ArrowRight" || key === "ArrowUp") this.group.step(far, this.pixel, this.held);
    else if (key === "PageDown" || key === "PageUp") this.group.pan(key === "PageDown" ? 0.5 : -0.5);
    else if (key === "Home" || key === "End") this.point(key === "Home" ? 0 : 1);
    else if (key === "+" || key === "=") this.group.scale(0.5, this.now);
    else if (key === "-") this.group.scale(2, this.now);
    else if (key === "0" || key === "Escape") this.group.show();
    else return;
    event.preventDefault();
  }
  private get now(): number {
    return this.line.hidden ? 0.5 : Number(this.element.getAttribute("aria-valuenow")) / 100;
  }

  tell(cursor: Cursor | undefined): void {
    const reading = this.group.read(this.held);
    this.line.hidden = this.told.hidden = !cursor || !reading;
    if (!cursor || !reading) {
      this.describe();
      return;
    }
    const [from, to] = this.plot;
    const place = this.group.timeline.place((cursor.from + cursor.to) / 2);
    const at = from + place * (to - from);
    this.line.style.left = `${at}px`;
    this.told.style.right = `${this.element.clientWidth - to}px`;
    const time = this.group.timeText(reading.from, reading.to, this.held.days);
    const [first, ...others] = reading.lines;
    const lines = [first!, ...others].map((one) => `${one.name}${one.name ? " " : ""}${valueText(one)}`);
    const shade = reading.shade === undefined ? "" : /^\d*$/.test(reading.shade) ? `alarm ${reading.shade}` : reading.shade;
    this.told.replaceChildren(
      h("div", { class: "when" }, time),
      ...lines.map((text) => h("div", { class: "value" }, text)),
      ...(shade ? [h("div", { class: "shade" }, shade)] : []),
    );
    this.element.setAttribute("aria-valuenow", String(Math.round(1000 * Math.min(1, Math.max(0, place))) / 10));
    this.element.setAttribute("aria-valuetext", [time, ...lines, shade].filter(Boolean).join(", "));
  }
  /** Without a cursor it speaks of the time that is shown. */
  describe(): void {
    this.element.setAttribute("aria-valuetext", this.group.words);
  }
}
