/** What was known when an alarm was raised: the values that it was ranked among, and digests that its rows can be checked by. */
import type { Alarm } from "../../series/alarm_log.js";
import type { Proof, RowsAnswer, TopicInfo } from "../../series/wire.js";
import type { App } from "../base/app.js";
import { h } from "../base/dom.js";
import { count, fixed, significant } from "../base/format.js";
import { rowsTable } from "./rows_table.js";

const MOST_BEFORE = 250;

/** The buckets before it, of the same instrument, and where it stands among them; undefined where the topic has no VPIN. */
export async function rankedAmong(app: App, topic: TopicInfo, { of, row, values }: Alarm): Promise<HTMLElement | undefined> {
  const at = topic.columns.findIndex(({ name }) => name === "vpin");
  const { vpin } = values;
  if (at < 0 || vpin === undefined) return undefined;
  const before = await app.rows({ topic: topic.name, before: row, of, count: MOST_BEFORE });
  const numbers = before.cells.flatMap((cells) => (typeof cells[at] === "number" ? [cells[at]] : [])).sort((a, b) => a - b);
  if (numbers.length === 0) return h("p", { class: "soft" }, "No bucket before it is kept.");
  const below = numbers.filter((value) => value <= vpin).length;
  const middle = numbers[numbers.length >> 1]!;
  const words = `VPIN ${significant(vpin, 6)} was not exceeded by ${count(below)} of the ${count(numbers.length)} buckets of ${of} before it that are ${before.more ? "nearest" : "kept"} (${fixed((100 * below) / numbers.length, 1)} %): lowest ${significant(numbers[0]!, 4)}, median ${significant(middle, 4)}, highest ${significant(numbers.at(-1)!, 4)}. The engine's own rank, over the history that it is set to, is cdf.`;
  const list = h("details", {}, h("summary", {}, "The buckets that it is ranked among"));
  list.addEventListener(
    "toggle",
    () => list.append(rowsTable(`${count(before.numbers.length)} buckets before it`, topic, before, () => true, -1, true)),
    { once: true },
  );
  return h("div", {}, h("p", {}, words), list);
}

/** Digests as a list; how to compute them again stands in docs/page.md. */
export function proofList({ proof, topic, numbers }: RowsAnswer): HTMLElement {
  const row = numbers[0]!;
  const facts: readonly (readonly [string, string])[] = proof ? factsOf(proof, topic, row) : [];
  return h(
    "dl",
    { class: "proof", "aria-label": "digests" },
    ...facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, h("code", {}, value))]),
  );
}
const factsOf = ({ row, upTo, frame }: Proof, topic: string, number: number): (readonly [string, string])[] => [
  [`hash of row ${count(number)}`, row],
  ...(upTo ? [[`hash of ${topic} up to it, ${count(upTo.rows)} rows`, upTo.hash] as const] : []),
  ...(frame
    ? [
        [
          "its frame",
          `CRC-32C ${frame.crc}, byte ${frame.offset}, ${frame.bytes} bytes, rows ${frame.first} to ${frame.first + frame.rows - 1}`,
        ] as const,
      ]
    : []),
];
