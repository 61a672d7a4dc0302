/** Which features and measures of the instruments are drawn beside price and VPIN: a list to choose from, by topic. */
import type { Series } from "../../series/catalog.js";
import type { App } from "../base/app.js";
import { h, replace } from "../base/dom.js";
import { groups } from "../base/groups.js";

/** As the address names it. */
export const measureOf = ({ topic, column }: Pick<Series, "topic" | "column">): string => `${topic}.${column}`;

export class MeasureChoice {
  readonly element: HTMLElement;
  private readonly lists = h("div", { class: "choice" });
  private readonly summary = h("summary", {});
  private readonly note = h("p", { class: "soft" });
  private made = "";

  constructor(private readonly app: App) {
    this.element = h("div", {}, h("details", { class: "measures" }, this.summary, this.lists), this.note);
  }

  /** `known`: all lines of the view; `shown`: the instruments that are. */
  update(known: readonly Series[], shown: readonly string[]): void {
    const measures = known.filter(({ panel }) => panel === "measure");
    const { measures: chosen } = this.app.shown;
    this.element.hidden = measures.length === 0;
    const names = [...new Set(measures.map(measureOf))];
    const key = JSON.stringify([names, chosen]);
    if (key !== this.made) this.make(measures, chosen);
    this.made = key;
    const has = new Set(measures.map((one) => `${one.of}\n${measureOf(one)}`));
    const without = shown.filter((of) => chosen.some((name) => names.includes(name) && !has.has(`${of}\n${name}`)));
    const words = `There are no numbers of it here: ${without.join(", ")}. Measures are kept of the first 1,024 lines that had any.`;
    replace(this.note, without.length > 0 ? words : "");
  }
  private make(measures: readonly Series[], chosen: readonly string[]): void {
    const { activeElement } = document;
    const focused = activeElement instanceof HTMLInputElement && this.lists.contains(activeElement) ? activeElement.value : undefined;
    this.summary.textContent = chosen.length > 0 ? `features and measures: ${chosen.join(", ")}` : "features and measures";
    const lists = [...groups(measures, ({ topic }) => topic)].map(([topic, of]) => {
      const columns = [...new Set(of.map(({ column }) => column))];
      return h("fieldset", {}, h("legend", {}, topic), ...columns.map((column) => this.box(measureOf({ topic, column }), column, chosen)));
    });
    this.lists.replaceChildren(...lists);
    if (focused !== undefined) this.lists.querySelector<HTMLInputElement>(`[value="${CSS.escape(focused)}"]`)?.focus();
  }
  private box(value: string, column: string, chosen: readonly string[]): HTMLElement {
    const change = () =>
      this.app.show({ measures: chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value] }, true);
    return h("label", {}, h("input", { type: "checkbox", value, checked: chosen.includes(value), change }), column);
  }
}
