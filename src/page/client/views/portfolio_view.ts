/** Weights, worth and profit through time, and beside them the newest rows: how weights were found, orders, positions. */
import type { Panel, Series } from "../../series/catalog.js";
import type { App, View } from "../base/app.js";
import { Chart, type LineStyle } from "../base/chart.js";
import { h } from "../base/dom.js";
import { groups } from "../base/groups.js";
import { type Listing, listingsOf } from "./listing.js";

/** A chart of one column of a topic, a line for each asset or account. */
const charts: readonly { readonly panel: Panel; readonly column: string; readonly title: string }[] = [
  { panel: "weights", column: "weight", title: "Weights" },
  { panel: "worth", column: "worth", title: "Worth" },
  { panel: "worth", column: "equity", title: "Equity" },
  { panel: "gains", column: "profit", title: "Profit" },
  { panel: "gains", column: "realized", title: "Realized profit" },
  { panel: "gains", column: "unrealized", title: "Unrealized profit" },
  { panel: "margin", column: "equity", title: "Equity of accounts" },
];
const styles: readonly Pick<LineStyle, "colour" | "dash">[] = [
  { colour: "--data" },
  { colour: "--limit", dash: [6, 3] },
  { colour: "--truth", dash: [2, 3] },
  { colour: "--alarm", dash: [10, 3, 2, 3] },
  { colour: "--soft" },
  { colour: "--h4", dash: [14, 4] },
];
const LOOK_MS = 1000;

export class PortfolioView implements View {
  readonly element = h("div", {});
  private readonly grid = h("div", { class: "grid" });
  private readonly tables = h("div", { class: "listings" });
  private listings: readonly Listing[] = [];
  private topics: unknown;
  private drawn: { readonly chart: Chart; readonly series: readonly Series[] }[] = [];
  private made = "";
  private looked: string | undefined;
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(private readonly app: App) {
    this.element.append(this.grid, this.tables);
    this.timer = setInterval(() => this.look(), LOOK_MS);
    this.update();
  }
  get series(): readonly number[] {
    return this.drawn.flatMap(({ series }) => series.map(({ id }) => id));
  }
  get columns(): number {
    return Math.max(64, ...this.drawn.map(({ chart }) => chart.columns));
  }

  /** Tables are of the end of the stretch that is shown. */
  private look(): void {
    const until = this.app.shown.span?.[1];
    this.looked = String(until);
    for (const listing of this.listings) void listing.look(until).then(() => this.update());
  }
  update(): void {
    const { store, shown, span } = this.app;
    if (store.hello?.topics !== this.topics) {
      this.topics = store.hello?.topics;
      this.listings = listingsOf(store.hello?.topics ?? [], this.app);
      this.tables.replaceChildren(...this.listings.map(({ element }) => element));
      this.looked = undefined;
    }
    if (this.looked !== String(shown.span?.[1])) this.look();
    const wanted = charts.flatMap(({ panel, column, title }) => {
      const lines = store.series.filter((one) => one.panel === panel && one.column === column);
      return [...groups(lines, ({ topic }) => topic)].map(([topic, of]) => ({ title, topic, lines: this.largest(topic, column, of) }));
    });
    const key = JSON.stringify([store.hello?.server, wanted.map(({ lines, topic }) => [topic, lines.map(({ id }) => id)])]);
    if (key !== this.made) this.make(wanted);
    this.made = key;
    for (const { chart, series } of this.drawn)
      chart.draw(
        series.map(({ id }) => store.points.get(id)),
        span,
        [],
      );
  }
  /** As many as can be told apart, those whose newest number is largest in size; in the order in which they came. */
  private largest(topic: string, column: string, lines: readonly Series[]): Series[] {
    const listing = this.listings.find((one) => one.topic.name === topic);
    const [key, value] = [listing?.at(listing.topic.key ?? "") ?? -1, listing?.at(column) ?? -1];
    const newest = new Map(listing?.rows.map((row) => [row[key], Math.abs(Number(row[value] ?? 0))]));
    const size = ({ of }: Series) => newest.get(of) ?? 0;
    const chosen = new Set(lines.toSorted((a, b) => size(b) - size(a)).slice(0, styles.length));
    return lines.filter((one) => chosen.has(one));
  }
  private make(wanted: readonly { readonly title: string; readonly topic: string; readonly lines: readonly Series[] }[]): void {
    for (const { chart } of this.drawn) chart.close();
    const { app } = this;
    this.drawn = wanted.map(({ title, topic, lines }) => {
      const all = app.store.series.filter((one) => one.topic === topic && one.column === lines[0]!.column).length;
      const more = all > lines.length ? `, the ${lines.length} largest of ${all}` : "";
      const chart = new Chart({
        ...{ title: `${title} (${topic})${more}`, unit: "" },
        lines: lines.map(({ id, of }, i) => ({ series: id, name: of === topic ? title.toLowerCase() : of, ...styles[i]! })),
        zoom: (from, to) => app.show({ span: [from, to] }, true),
        pan: (by) => app.pan(by),
        scale: (by, at) => app.scale(by, at),
      });
      return { chart, series: lines };
    });
    const nothing =
      this.listings.length > 0
        ? "No weights, profit or equity have been told yet. Weights come when the engine has looked back far enough, and then at its interval."
        : "Nothing that is shown here has weights, orders, positions or profit: the engines portfolio, analytics and collateral give them.";
    this.grid.replaceChildren(
      ...(wanted.length > 0 ? this.drawn.map(({ chart }) => h("section", {}, chart.element)) : [h("p", { class: "empty" }, nothing)]),
    );
  }

  restyle(): void {
    for (const { chart } of this.drawn) chart.restyle();
  }
  close(): void {
    clearInterval(this.timer);
    for (const { chart } of this.drawn) chart.close();
  }
}
