/** Raw rows of a topic as a table. */
import type { RowsAnswer, TopicInfo } from "../../series/wire.js";
import { h, table } from "../base/dom.js";
import { none, significant, toNs } from "../base/format.js";
import { zoneName } from "../base/zone.js";

export const isTime = (name: string) => /^(time|received|from|to)$|Time$/.test(name);

/** The cell as it is read; times of the columns that are named as such, digits of others as they are. */
export function cellOf(name: string, dtype: string, cell: number | string | null): string {
  if (cell === null) return none;
  if (dtype === "i64" && typeof cell === "string" && isTime(name) && cell.length > 15) return toNs(cell);
  return typeof cell === "number" ? significant(cell, 9) : cell;
}

export function rowsTable(
  caption: string,
  topic: TopicInfo,
  answer: RowsAnswer,
  keep: (texts: readonly string[]) => boolean,
  marked = -1,
  newestFirst = false,
): HTMLElement {
  const rows = answer.cells
    .map((cells, i) => ({
      number: answer.numbers[i]!,
      texts: cells.map((cell, k) => cellOf(topic.columns[k]!.name, topic.columns[k]!.dtype, cell)),
    }))
    .filter(({ texts }) => keep(texts));
  if (newestFirst) rows.reverse();
  const columns = [
    { head: "row", cell: ({ number }: (typeof rows)[number]) => h("span", {}, number) },
    ...topic.columns.map(({ name, dtype }, k) => ({
      head: dtype === "i64" && isTime(name) ? `${name} (${zoneName()})` : name,
      cell: ({ texts }: (typeof rows)[number]) => texts[k]!,
      ...((dtype === "i64" || name === topic.key) && { words: true as const }),
    })),
  ];
  return table(caption, columns, rows, ({ number }) => (number === marked ? { class: "marked", "aria-current": "true" } : {}));
}
