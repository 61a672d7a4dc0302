/** The page: connects, keeps what it is told, and draws the view that the address names. */
import type { Acknowledge, Asked, BooksAnswer, BooksAsk, RowsAnswer, RowsAsk, Told } from "../series/wire.js";
import { readAddress, type Shown, type ViewName, views, writeAddress } from "./base/address.js";
import type { App, View } from "./base/app.js";
import { Connection } from "./base/connection.js";
import { openDialog } from "./base/dialog.js";
import { h, replace } from "./base/dom.js";
import { count, fixed } from "./base/format.js";
import { Store } from "./base/store.js";
import { followKey, openKeys } from "./keys.js";
import { followPrint } from "./print.js";
import { firstSettings, openSettings, useSettings, zoneWords } from "./settings.js";
import { type Line, standingOf } from "./standing.js";
import { AlarmsView } from "./views/alarms_view.js";
import { ChartsView } from "./views/charts_view.js";
import { PortfolioView } from "./views/portfolio_view.js";
import { RowsView } from "./views/rows_view.js";
import { SystemView } from "./views/system_view.js";
import { Timeline, usualLength } from "./views/timeline.js";

const LOOK_MS = 500;
/** What is shown before and after where all rows are of one moment. */
const MOMENT_MS = 500;

class Page implements App {
  readonly store = new Store();
  shown: Shown = { ...readAddress(location.hash), ...firstSettings(location.hash) };
  private readonly connection: Connection;
  private readonly timeline: Timeline;
  private readonly title = h("p", { class: "name" });
  private readonly links = new Map(views.map((name) => [name, h("a", {}, name)]));
  private readonly main = document.querySelector("main")!;
  private readonly footer = document.querySelector("footer")!;
  private readonly said = document.querySelector("#said")!;
  private readonly state = h("p", { role: "status", class: "state" });
  private readonly place = h("div", {});
  private view: View | undefined;
  private viewName: ViewName | undefined;
  private asked = "";
  private number = 0;
  private dirty = false;
  private lostAt: number | undefined;
  private resumed: Line["resumed"];
  private readonly calm = matchMedia("(prefers-reduced-motion: reduce)");
  private rowsId = 0;
  private readonly waiting = new Map<number, { resolve(answer: any): void; reject(error: Error): void }>();

  constructor() {
    this.timeline = new Timeline(this);
    document.querySelector("header")!.append(this.title, h("nav", { "aria-label": "views" }, ...this.links.values()));
    const tool = (words: string, title: string, click: () => void) => h("button", { type: "button", class: "link", title, click }, words);
    const tools = [tool("settings", "s", () => openSettings(this)), tool("keys", "?", openKeys)];
    document.querySelector("header")!.append(h("div", { class: "tools", role: "group", "aria-label": "page" }, ...tools));
    this.main.replaceChildren(this.state, this.timeline.element, this.place);
    this.connection = new Connection({
      opened: () => this.opened(),
      told: (told) => this.told(told),
      // Who wants less motion gets a picture every half second.
      frame: (bytes) => this.store.takeFrame(bytes, this.number) && !this.calm.matches && this.soon(),
      lost: () => this.lost(),
    });
    addEventListener("hashchange", () => this.follow());
    addEventListener("keydown", (event) => followKey(event, this));
    followPrint(() => this.view?.restyle());
    addEventListener("resize", () => this.soon());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.view?.restyle());
    document.addEventListener("visibilitychange", () => this.sight());
    setInterval(() => this.soon(), LOOK_MS);
    this.soon();
  }

  get connected(): boolean {
    return this.connection.open;
  }
  get span(): readonly [number, number] {
    const { shown, store } = this;
    if (shown.span) return shown.span;
    const to = store.latest;
    const length = shown.length >= 0 ? shown.length : usualLength(store.hello?.mode);
    const from = length > 0 ? to - length : (store.span?.[0] ?? to - 1);
    if (from === to) return [from - MOMENT_MS, to + MOMENT_MS];
    return Number.isNaN(to) ? [0, 1] : [from, Math.max(to, from + 1e-3)];
  }
  show(change: Partial<Shown>, anew = false): void {
    this.shown = { ...this.shown, ...change };
    const address = writeAddress(this.shown);
    if (anew) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
    this.soon();
  }
  private follow(): void {
    this.shown = readAddress(location.hash);
    this.soon();
  }
  pan(by: number): void {
    const [from, to] = this.span;
    const step = by * (to - from);
    this.show({ span: [from + step, to + step] });
  }
  scale(by: number, at: number): void {
    const [from, to] = this.span;
    const fixedAt = from + at * (to - from);
    const length = Math.max(0.01, (to - from) * by);
    this.show({ span: [fixedAt - at * length, fixedAt + (1 - at) * length] });
  }
  rows(ask: Omit<RowsAsk, "id">): Promise<RowsAnswer> {
    return this.answered((id) => ({ kind: "rows", rows: { ...ask, id } }));
  }
  books(ask: Omit<BooksAsk, "id">): Promise<BooksAnswer> {
    return this.answered((id) => ({ kind: "books", books: { ...ask, id } }));
  }
  private answered<T>(asked: (id: number) => Asked): Promise<T> {
    const id = ++this.rowsId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      if (!this.connection.ask(asked(id))) this.refuse(id, "The connection is lost: the rows are asked for when it is back.");
    });
  }
  acknowledge(acknowledge: Acknowledge): boolean {
    return this.connection.ask({ kind: "acknowledge", acknowledge });
  }
  private refuse(id: number, why: string): void {
    this.waiting.get(id)?.reject(new Error(why));
    this.waiting.delete(id);
  }

  private opened(): void {
    this.store.heardAt = performance.now();
    this.asked = "";
    const { hello, revision } = this.store;
    if (hello) this.connection.ask({ kind: "alarms", server: hello.server, revision });
    if (this.lostAt !== undefined) this.resumed = { at: performance.now(), after: performance.now() - this.lostAt };
    this.lostAt = undefined;
    this.soon();
  }
  private lost(): void {
    this.lostAt ??= performance.now();
    for (const id of [...this.waiting.keys()]) this.refuse(id, "The connection was lost.");
    this.soon();
  }
  private told(told: Told): void {
    const { store } = this;
    store.heardAt = performance.now();
    if (told.kind === "hello") {
      const other = store.greet(told);
      if (this.resumed && other) this.resumed = { ...this.resumed, other };
      this.asked = "";
    }
    if (told.kind === "series") store.series.push(...told.series);
    if (told.kind === "alarms") for (const { of } of store.takeAlarms(told)) this.announce(`alarm of ${of}`);
    if (told.kind === "status") {
      const { span, skipped, turnedBy, ended } = told;
      Object.assign(store, { span, skipped, turnedBy, ended, latest: span?.[1] ?? Number.NaN });
      if (told.system) store.rates.take((store.system = told.system), performance.now());
      if (told.files) store.files = told.files;
    }
    if (told.kind === "rows" || told.kind === "books") {
      this.waiting.get(told.id)?.resolve(told);
      this.waiting.delete(told.id);
    }
    if (told.kind === "error" && told.id !== undefined) this.refuse(told.id, told.message);
    else if (told.kind === "error") openDialog("The server refused that", h("p", {}, told.message));
    this.soon();
  }
  private announce(text: string): void {
    this.said.append(h("p", {}, text));
    while (this.said.childElementCount > 20) this.said.firstElementChild!.remove();
  }

  /** With the next picture of the screen. */
  private soon(): void {
    if (this.dirty) return;
    this.dirty = true;
    requestAnimationFrame(() => {
      this.dirty = false;
      this.draw();
    });
  }
  private draw(): void {
    // What is drawn has the times and numbers of before.
    if (useSettings(this.shown) && this.view) this.change();
    this.drawHead();
    this.timeline.update(["market", "risk", "portfolio", "alarms"].includes(this.shown.view));
    if (this.viewName !== this.shown.view || !this.view) this.change();
    else this.view.update();
    this.askView();
    if (!this.shown.span) this.store.forget(this.span[0]);
    this.drawFoot();
  }
  private change(): void {
    this.view?.close();
    this.viewName = this.shown.view;
    this.view = this.make();
    this.place.replaceChildren(h("h1", { class: "unseen" }, titleOf(this.viewName, this.store.hello?.mode)), this.view.element);
    this.view.update();
  }
  private make(): View {
    const nothing = (what: string) => `There is nothing with ${what} in what is shown here yet; the rows of all topics are under data.`;
    if (this.viewName === "risk") return new ChartsView(this, ["risk", "margin"], nothing("a value at risk or a margin"));
    if (this.viewName === "portfolio") return new PortfolioView(this);
    if (this.viewName === "system") return new SystemView(this);
    if (this.viewName === "alarms") return new AlarmsView(this);
    if (this.viewName === "data") return new RowsView(this);
    return new ChartsView(this, ["price", "toxicity", "measure"], nothing("a price or VPIN"));
  }
  /** A page that nobody sees draws nothing and asks for no lines; when it is seen again, for what is shown then. */
  private sight(): void {
    this.store.movedAt = this.store.heardAt = performance.now();
    this.askView();
    this.soon();
  }
  /** Lines are asked for again when others are shown, or another stretch of them. */
  private askView(): void {
    const { shown, view, store } = this;
    if (!view || !this.connected || !store.hello) return;
    const length = shown.length >= 0 ? shown.length : usualLength(store.hello.mode);
    const of = { ...(shown.span && { span: shown.span }), length, columns: view.columns, series: document.hidden ? [] : view.series };
    const key = JSON.stringify(of);
    if (key === this.asked) return;
    const asked: Asked = { kind: "view", view: { ...of, number: this.number + 1 } };
    if (!this.connection.ask(asked)) return;
    this.number++;
    this.asked = key;
  }

  private drawHead(): void {
    const { hello, system } = this.store;
    const mode = hello?.mode;
    document.title = hello ? `${hello.name} \u00b7 ${titleOf(this.shown.view, mode)} \u00b7 tickforge` : "tickforge";
    const standing = [...this.store.alarms.values()].filter((alarm) => alarm.standing).length;
    for (const [name, link] of this.links) {
      link.href = writeAddress({ ...this.shown, view: name });
      const words = name === "alarms" && standing > 0 ? `alarms (${standing})` : titleOf(name, mode);
      if (link.textContent !== words) link.textContent = words;
      if (name === this.shown.view) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    const score = system?.score === undefined ? "" : `score ${fixed(system.score, 0)}`;
    const lost = hello && !this.connected;
    const kindOf = lost ? (this.store.ended ? " ended" : " disconnected") : mode ? ` ${mode}` : "";
    replace(
      this.title,
      h("strong", {}, hello?.name ?? "tickforge"),
      h("span", { class: "soft" }, kindOf),
      h("span", { class: "score" }, score),
    );
    const [kind, words] = standingOf(this, { lostAt: this.lostAt, resumed: this.resumed });
    if (this.state.textContent !== words) this.state.textContent = words;
    this.state.className = `state ${kind}`;
  }
  private drawFoot(): void {
    const { skipped } = this.store;
    replace(
      this.footer,
      h(
        "p",
        {},
        `${zoneWords()} ${this.store.hello?.control ? "Alarms can be acknowledged for all; nothing else here changes the system." : "Read only: nothing here changes the system."}${skipped > 0 ? ` ${count(skipped)} updates were left out because this page was slow; what is shown is the newest.` : ""}`,
      ),
      h("p", {}, "Keys: ? shows them all."),
    );
  }
}

const titleOf = (view: ViewName, mode: "live" | "recording" | undefined): string =>
  view === "system" && mode === "recording" ? "files" : view;

new Page();
