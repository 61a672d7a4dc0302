/** The cursor of a chart by keys: it goes from value to value, and each is said. */
import type uPlot from "uplot";
import { h } from "./dom.js";

export interface Read {
  /** Undefined before it is drawn. */
  plot(): uPlot | undefined;
  /** What there is at this moment, in words. */
  words(time: number): string;
}

/** Who holds a key down hears where it stops. */
const SAY_MS = 300;
const FAR = 10;
const help = "\u2190 \u2192 from value to value, Shift further, Home and End, Escape";

export class Reader {
  readonly element: HTMLElement;
  private readonly shown = h("p", { "aria-hidden": "true" }, help);
  private readonly said = h("p", { class: "unseen", "aria-live": "polite" });
  private time: number | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    title: string,
    private readonly of: Read,
  ) {
    this.element = h(
      "div",
      { class: "reader", tabindex: 0, role: "application", "aria-label": `values of ${title}: ${help}` },
      this.shown,
      this.said,
    );
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.element.addEventListener("blur", () => this.leave());
  }

  private key(event: KeyboardEvent): void {
    const plot = this.of.plot();
    if (!plot || event.ctrlKey || event.metaKey || event.altKey) return;
    const { min, max } = plot.scales.x!;
    const times = [...new Set(plot.data[0] as number[])].filter((x) => x >= min! && x <= max!);
    if (times.length === 0) return;
    const { time } = this;
    const here = time === undefined ? -1 : times.findLastIndex((x) => x <= time);
    const step = event.shiftKey ? Math.max(1, Math.round(times.length / FAR)) : 1;
    const to: Readonly<Record<string, number>> = {
      ArrowRight: time === undefined ? 0 : here + step,
      ArrowLeft: time === undefined ? times.length - 1 : here - step,
      Home: 0,
      End: times.length - 1,
    };
    if (event.key === "Escape") this.leave();
    else if (to[event.key] === undefined) return;
    else this.go(plot, times[Math.min(times.length - 1, Math.max(0, to[event.key]!))]!);
    event.preventDefault();
    event.stopPropagation();
  }
  private go(plot: uPlot, time: number): void {
    this.time = time;
    const [times, line] = plot.data as readonly (readonly number[])[];
    const value = line?.[times!.indexOf(time)];
    const top = value == null ? plot.over.clientHeight / 2 : plot.valToPos(value, "y");
    plot.setCursor({ left: plot.valToPos(time, "x"), top });
    const words = this.of.words(time);
    this.shown.textContent = words;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.said.textContent = words;
    }, SAY_MS);
  }
  private leave(): void {
    clearTimeout(this.timer);
    this.time = undefined;
    this.shown.textContent = help;
    this.said.textContent = "";
    this.of.plot()?.setCursor({ left: -10, top: -10 });
  }
  close(): void {
    clearTimeout(this.timer);
  }
}
