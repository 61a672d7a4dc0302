/** Which instruments are shown: all of them with a box each or, where they are many, those that a word finds. */
import type { App } from "../base/app.js";
import { h } from "../base/dom.js";
import { count } from "../base/format.js";

/** Boxes that are there at once, but for those that are ticked. */
const MOST_BOXES = 12;

export class Choice {
  readonly element = h("div", { class: "choice" });
  private readonly find = h("input", { type: "search", size: 14, input: () => this.list() });
  private readonly boxes = h("fieldset", {});
  private readonly words = h("p", { class: "soft", role: "status" });
  private groups: readonly string[] = [];
  private chosen: readonly string[] = [];

  constructor(private readonly app: App) {}

  make(groups: readonly string[], chosen: readonly string[]): void {
    const many = groups.length > MOST_BOXES;
    if (many !== this.groups.length > MOST_BOXES || this.element.childElementCount === 0)
      this.element.replaceChildren(
        ...(many ? [h("div", { class: "controls" }, h("label", {}, "find an instrument ", this.find), this.words)] : []),
        this.boxes,
      );
    this.groups = groups;
    this.chosen = chosen;
    this.boxes.hidden = groups.length < 2;
    this.list();
  }
  private list(): void {
    const { groups, chosen } = this;
    const word = groups.length > MOST_BOXES ? this.find.value.trim().toLowerCase() : "";
    const found = groups.filter((name) => !chosen.includes(name) && name.toLowerCase().includes(word));
    const listed = new Set([...chosen, ...found.slice(0, MOST_BOXES)]);
    const focused = (document.activeElement as HTMLInputElement | null)?.value;
    const within = this.boxes.contains(document.activeElement);
    const boxes = groups.flatMap((name) => (listed.has(name) ? [this.box(name)] : []));
    this.boxes.replaceChildren(h("legend", {}, "shown"), ...boxes.map(({ label }) => label));
    if (within) boxes.find(({ input }) => input.value === focused)?.input.focus();
    const hidden = found.length - Math.min(found.length, MOST_BOXES);
    const more =
      hidden > 0 ? `; ${count(hidden)} more are not listed here` : found.length === 0 && word !== "" ? "; no other one has that word" : "";
    const text = `${count(groups.length)} instruments, ${count(chosen.length)} shown${more}`;
    if (this.words.textContent !== text) this.words.textContent = text;
  }
  private box(name: string): { label: HTMLElement; input: HTMLInputElement } {
    const change = () => {
      const { groups, chosen } = this;
      const next = input.checked ? groups.filter((one) => one === name || chosen.includes(one)) : chosen.filter((one) => one !== name);
      this.app.show({ instruments: next.length > 0 ? next : undefined }, true);
    };
    const input = h("input", { type: "checkbox", value: name, checked: this.chosen.includes(name), change });
    return { label: h("label", {}, input, h("bdi", {}, name)), input };
  }
}
