/** Elements made of text and attributes: no markup is ever parsed, so a name of an instrument stays a text whatever it holds. */

type Child = Node | string | number | undefined | false;
type Attributes = Readonly<Record<string, string | number | boolean | ((event: any) => void) | undefined>>;

/** Functions are listeners; true and false set an attribute or leave it out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes,
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(
    ...children.flatMap((child) => (child === undefined || child === false ? [] : [child instanceof Node ? child : String(child)])),
  );
  return element;
}

export interface Column<T> {
  readonly head: string;
  readonly cell: (row: T) => Node | string | number;
  /** Words stand on the left, numbers on the right. */
  readonly words?: true;
}

/** A table in a box that scrolls by itself; the first column heads its row. */
export function table<T>(
  caption: string,
  columns: readonly Column<T>[],
  rows: readonly T[],
  rowOf: (row: T) => Attributes = () => ({}),
): HTMLElement {
  const kind = ({ words }: Column<T>) => ({ class: words ? "w" : undefined });
  const head = h("tr", {}, ...columns.map((column) => h("th", { scope: "col", ...kind(column) }, column.head)));
  const body = rows.map((row) =>
    h(
      "tr",
      rowOf(row),
      ...columns.map((column, i) =>
        i === 0 ? h("th", { scope: "row", ...kind(column) }, column.cell(row)) : h("td", kind(column), column.cell(row)),
      ),
    ),
  );
  const whole = h("table", {}, h("caption", {}, caption), h("thead", {}, head), h("tbody", {}, ...body));
  return h("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": caption }, whole);
}

/** Puts children in place of those that are there, where they differ as text or markup. */
export function replace(into: Element, ...children: readonly (Node | string)[]): void {
  const made = h("div", {}, ...children);
  if (into.innerHTML === made.innerHTML) return;
  into.replaceChildren(...made.childNodes);
}
