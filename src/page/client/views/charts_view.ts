/** Charts beside each other, a group for each instrument or account: the market, and its risk. */
import type { Alarm } from "../../series/alarm_log.js";
import type { Panel, Series } from "../../series/catalog.js";
import type { App, View } from "../base/app.js";
import { Chart, type LineStyle } from "../base/chart.js";
import { h, replace } from "../base/dom.js";
import { fixed, lowToHigh, significant } from "../base/format.js";
import { groups as grouped } from "../base/groups.js";
import { Choice } from "./choice.js";
import { Ladders } from "./ladders.js";
import { MeasureChoice, measureOf } from "./measures.js";
import { Moment } from "./moment.js";

interface Drawn {
  readonly chart: Chart;
  readonly series: readonly Series[];
  readonly of: string;
}
const titles: Readonly<Partial<Record<Panel, string>>> = {
  price: "Price",
  toxicity: "VPIN and its rank",
  risk: "Losses, value at risk and expected shortfall",
  margin: "Equity and margin",
};
const names: Readonly<Record<string, string>> = {
  price: "price",
  vpin: "VPIN",
  cdf: "rank (cdf)",
  var: "value at risk",
  es: "expected shortfall",
};
type Style = Pick<LineStyle, "colour" | "dash">;
const styles: readonly Style[] = [{ colour: "--data" }, { colour: "--limit", dash: [6, 3] }, { colour: "--band" }];
/** Quotes beside the price. */
const quoted: Readonly<Record<string, Style>> = { bid: { colour: "--truth", dash: [2, 3] }, ask: { colour: "--limit", dash: [6, 3] } };
/** Groups that are shown where the address names none. */
const USUAL = 3;

export class ChartsView implements View {
  readonly element = h("div", {});
  private readonly choice: Choice;
  private readonly measures: MeasureChoice;
  private readonly grid = h("div", { class: "grid" });
  private readonly moment: Moment;
  private readonly ladders: Ladders | undefined;
  private pointed: number | undefined;
  private drawn: Drawn[] = [];
  private readonly facts = new Map<string, HTMLElement>();
  private made = "";

  constructor(
    private readonly app: App,
    private readonly panels: readonly Panel[],
    private readonly nothing: string,
  ) {
    this.moment = new Moment(app);
    this.choice = new Choice(app);
    this.measures = new MeasureChoice(app);
    this.ladders = panels.includes("price") ? new Ladders(app) : undefined;
    this.element.append(this.choice.element, this.measures.element, this.moment.element, this.grid);
    this.update();
  }
  get series(): readonly number[] {
    return this.drawn.flatMap(({ series }) => series.map(({ id }) => id));
  }
  get columns(): number {
    return Math.max(64, ...this.drawn.map(({ chart }) => chart.columns));
  }

  private make(all: readonly Series[], groups: readonly string[], chosen: readonly string[]): void {
    for (const { chart } of this.drawn) chart.close();
    this.drawn = [];
    this.facts.clear();
    this.choice.make(groups, chosen);
    this.ladders?.make(chosen);
    const sections = chosen.map((of) => {
      const facts = h("p", { class: "facts" });
      this.facts.set(of, facts);
      const charts = this.panels.flatMap((panel) => {
        const mine = all.filter((one) => one.of === of && one.panel === panel);
        // A measure is a chart of its own: what they are of has no common scale.
        const together = panel === "measure" ? [...grouped(mine, measureOf).values()] : chartsOf(mine);
        return together.map((series) => {
          const [{ topic, column }] = series as [Series];
          const title = titles[panel] ?? `${column} (${topic})`;
          const chart = this.chart(of, panel, titles[panel] && together.length > 1 ? `${title} (${topic})` : title, series);
          this.drawn.push({ chart, series, of });
          return chart.element;
        });
      });
      return h("section", { "aria-label": of }, h("h2", {}, of), facts, ...charts, ...(this.ladders?.elementsOf(of) ?? []));
    });
    this.grid.replaceChildren(...(sections.length > 0 ? sections : [h("p", { class: "empty" }, this.nothing, this.recorded())]));
  }
  private chart(of: string, panel: Panel, title: string, series: readonly Series[]): Chart {
    const { app } = this;
    const lines = series.map(({ id, column, topic }, i) => {
      const name = names[column] ?? column;
      const twice = series.some((other) => other.column === column && other.topic !== topic);
      return { series: id, name: twice ? `${name} (${topic})` : name, ...(quoted[column] ?? styles[i % styles.length]!) };
    });
    return new Chart({
      ...{ title: `${title}: ${of}`, lines, unit: "", ...(panel === "toxicity" && { range: [0, 1] as const }) },
      zoom: (from, to) => app.show({ span: [from, to] }, true),
      pan: (by) => app.pan(by),
      scale: (by, at) => app.scale(by, at),
      hover: (time) => this.hover(time),
    });
  }
  private hover(time: number | undefined): void {
    if (time === this.pointed) return;
    this.pointed = time;
    this.ladders?.update(time);
  }

  update(): void {
    const { store, shown, span } = this.app;
    const known = store.series.filter(({ panel }) => this.panels.includes(panel));
    const all = known.filter((one) => one.panel !== "measure" || shown.measures.includes(measureOf(one)));
    const order = store.hello?.instruments ?? [];
    const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
    const groups = [...new Set(known.map(({ of }) => of))].sort((a, b) => place(a) - place(b));
    const asked = groups.filter((name) => shown.instruments?.includes(name));
    const chosen = asked.length > 0 ? asked : groups.slice(0, USUAL);
    const key = JSON.stringify([store.hello?.server, all.map(({ id, of, topic }) => [id, of, topic]), chosen]);
    if (key !== this.made) this.make(all, groups, chosen);
    this.made = key;
    const topics = new Set(all.map(({ topic }) => topic));
    const alarms = [...store.alarms.values()].filter(({ topic }) => topics.has(topic));
    this.measures.update(known, chosen);
    for (const { chart, series, of } of this.drawn)
      chart.draw(
        series.map(({ id }) => store.points.get(id)),
        span,
        alarms.filter((alarm) => alarm.of === of),
      );
    for (const [of, facts] of this.facts) replace(facts, ...this.factsOf(of, alarms));
    this.moment.update();
    this.ladders?.update(this.pointed);
  }
  private recorded(): string {
    const { hello } = this.app.store;
    return hello?.mode === "recording" ? ` Recorded here: ${hello.topics.map(({ name }) => name).join(", ")}.` : "";
  }
  private factsOf(of: string, alarms: readonly Alarm[]): (Node | string)[] {
    const last = this.drawn.flatMap((drawn) =>
      drawn.of !== of
        ? []
        : drawn.series.map(({ id, column, panel }) => {
            const of = this.app.store.points.get(id);
            const text = (value: number) => (panel === "toxicity" ? fixed(value, 3) : significant(value, panel === "price" ? 9 : 6));
            return `${names[column] ?? column} ${lowToHigh(of?.low.at(-1) ?? Number.NaN, of?.high.at(-1) ?? Number.NaN, text)}`;
          }),
    );
    const mine = alarms.filter((alarm) => alarm.of === of);
    const stands = mine.some(({ standing }) => standing);
    const counted = mine.length === 0 ? "no alarm" : `${mine.length}\u00a0alarm${mine.length === 1 ? "" : "s"}`;
    const state = stands ? [h("strong", { class: "alarm" }, "\u25b2 ALARM")] : [counted];
    return [`${last.join("   ")}   `, ...state];
  }

  restyle(): void {
    for (const { chart } of this.drawn) chart.restyle();
  }
  close(): void {
    for (const { chart } of this.drawn) chart.close();
    this.ladders?.close();
  }
}

/** Series of each chart: a topic each, but quotes lie with the price. */
function chartsOf(series: readonly Series[]): Series[][] {
  const topics = [...new Set(series.map(({ topic }) => topic))];
  const groups = topics.map((topic) => series.filter((one) => one.topic === topic));
  const isQuoted = ([first]: readonly Series[]) => first!.column in quoted;
  const prices = groups.filter((group) => !isQuoted(group));
  if (prices.length === 0) return groups;
  const [first, ...others] = prices;
  return [[...first!, ...groups.filter(isQuoted).flat()], ...others];
}
